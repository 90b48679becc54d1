"""The settings themselves: what each is called, does, takes and is unless it is set."""

from dataclasses import dataclass, fields
from typing import get_type_hints

from typing_extensions import override

from entrypoints.settings.sections.access import Access
from entrypoints.settings.sections.embeddings import Embeddings
from entrypoints.settings.sections.files import Files
from entrypoints.settings.sections.instance import Instance
from entrypoints.settings.sections.issuers import Issuers
from entrypoints.settings.sections.language_models import LanguageModels
from entrypoints.settings.sections.mail import Mail
from entrypoints.settings.sections.reports import Reports
from entrypoints.settings.sections.servers import Servers
from entrypoints.settings.sections.sign_in import SignIn
from entrypoints.settings.sections.work import Work
from entrypoints.settings.setting import Setting


@dataclass(frozen=True, kw_only=True, repr=False)
class Settings(Instance, Servers, Access, SignIn, Issuers, Files, Work, LanguageModels, Embeddings, Mail, Reports):
    """Every setting of Flightdeck; a field is its variable in lower case. `load` makes them."""

    @override
    def __repr__(self) -> str:
        shown = ", ".join(f"{name.lower()}={self._shown(name)}" for name in SETTINGS)
        return f"Settings({shown})"

    def _shown(self, name: str) -> str:
        value: object = getattr(self, name.lower())
        return "…" if SETTINGS[name].secret and value is not None else repr(value)


def _known() -> dict[str, Setting]:
    hints = get_type_hints(Settings, include_extras=True)
    names = (field.name for section in Settings.__bases__ for field in fields(section))
    return {name.upper(): hints[name].__metadata__[0] for name in names}


SETTINGS = _known()
"""Each variable's name, section by section, in the order of the fields."""
