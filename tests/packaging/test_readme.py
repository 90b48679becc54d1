import re
import shlex
from pathlib import Path

import pytest

from entrypoints.settings import SettingsError, load
from entrypoints.settings.model import SETTINGS

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
_NOT_WRITTEN = {"…": "abcdefghijklmnopqrstuvwxyz234567", "whsec_…": "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cw=="}


def section(title: str) -> str:
    """What stands below the heading."""
    return re.split(r"^## ", README.partition(f"\n## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def examples(title: str) -> list[dict[str, str]]:
    """The settings that the section's first block shows, a paragraph each."""
    block = section(title).split("```sh\n")[1].partition("```")[0]
    return [dict(_assigned(paragraph)) for paragraph in block.split("\n\n")]


def _assigned(paragraph: str) -> list[tuple[str, str]]:
    words = shlex.split(paragraph, comments=True)
    pairs = [word.partition("=") for word in words if re.match(r"[A-Z_0-9]+=", word)]
    return [(name, _NOT_WRITTEN.get(value, value.replace("…", _NOT_WRITTEN["…"]))) for name, _, value in pairs]


@pytest.mark.parametrize("given", examples("Sign in")[:-1], ids=lambda given: str(given.get("OIDC_ISSUER", given)))
def test_each_way_to_sign_in_is_all_that_it_takes(given: dict[str, str]) -> None:
    settings = load(given, None)
    assert settings.auth_mode == {given["AUTH_MODE"]}
    assert given.keys() <= SETTINGS.keys()


def test_two_ways_together_take_what_each_of_them_takes() -> None:
    *_, clerk, _supabase, _auth0, _keycloak, both = examples("Sign in")
    with pytest.raises(SettingsError, match="CLERK_ISSUER is unset"):
        load(both, None)
    assert load(clerk | both, None).auth_mode == {"clerk", "local"}


def test_what_is_written_as_a_setting_is_one() -> None:
    named = set(re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`", README))
    assert named - SETTINGS.keys() == {"SURVIVAL_SEED"}


def test_each_command_that_is_named_exists() -> None:
    commands = set(re.findall(r"(?<!/)\bflightdeck (\w+)", README.partition("## Answer yourself")[2]))
    found = {path.stem for path in (Path(__file__).parents[2] / "entrypoints" / "cli").glob("*.py")}
    assert commands <= found


def test_each_way_to_embed_is_all_that_it_takes() -> None:
    block = section("Plug in a model").split("```sh\n")[2].partition("```")[0]
    shown = [dict(_assigned(paragraph)) for paragraph in block.split("\n\n")]
    assert [load(given, None).embedder for given in shown] == ["openai", "openai", "local"]
    assert all(given.keys() <= SETTINGS.keys() for given in shown)
