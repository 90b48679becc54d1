"""`.env.example`, made from the settings."""

from collections.abc import Iterator

from entrypoints.settings.model import SETTINGS
from entrypoints.settings.setting import Setting

_HEAD = """\
# The settings of Flightdeck. Copy this file to .env and uncomment what you change, or set the variables in the
# environment, which wins over the file. An empty value is an unset one. What is written here is the default.
# Made by `make fix` from entrypoints/settings/sections: change it there.
"""


def example() -> str:
    """The text of the file: each variable with its effect, what it takes and its default, commented out."""
    return "\n".join([_HEAD, *("\n".join(_entry(name, setting)) for name, setting in SETTINGS.items())])


def _entry(name: str, setting: Setting) -> Iterator[str]:
    yield f"# {setting.effect}"
    production = f" In production the default is {setting.in_production}." if setting.in_production else ""
    yield f"# Takes {setting.kind.takes}.{production}"
    yield f"#{name}={setting.default or ''}\n"
