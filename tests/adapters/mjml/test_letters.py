import re
from pathlib import Path
from string import Template

import pytest
from typing_extensions import override

import adapters.mjml
from adapters.mjml.letters import MjmlLetters
from application.ports.letters import Letters
from domain.mail import MailKind
from tests.contracts.letters import VALUES, LettersContract, values_of

TEMPLATES = Path(adapters.mjml.__path__[0]) / "templates"


class TestMjmlLetters(LettersContract):
    @pytest.fixture
    @override
    def letters(self) -> Letters:
        return MjmlLetters()


def names_in(file: str) -> set[str]:
    return {
        name for name in VALUES if name in Template((TEMPLATES / file).read_text(encoding="utf-8")).get_identifiers()
    }


def test_there_is_a_text_and_an_mjml_source_for_each_kind_and_a_kind_for_each() -> None:
    named = {path.stem for path in TEMPLATES.iterdir()} - {"head", "choice"}
    assert named == set(MailKind)
    assert all((TEMPLATES / f"{kind}.{form}").exists() for kind in MailKind for form in ("txt", "mjml"))


@pytest.mark.parametrize("kind", MailKind)
def test_a_template_asks_for_nothing_else(kind: MailKind) -> None:
    asked = names_in(f"{kind}.txt") | names_in(f"{kind}.mjml")
    assert asked <= values_of(kind).keys()


@pytest.mark.parametrize("kind", MailKind)
def test_a_letter_loads_nothing_from_anywhere(kind: MailKind) -> None:
    markup = MjmlLetters().write(kind, values_of(kind)).html
    assert not re.search(r"<(img|link|script|iframe|object|form)\b|@import|url\(| src=", markup)
    places = set(re.findall(r'(?:href)="([^"]*)"', markup))
    assert places <= {VALUES["link"].replace("&", "&amp;"), VALUES["preferences"]}


@pytest.mark.parametrize("kind", MailKind)
def test_a_letter_has_a_language_a_title_and_colours_for_the_dark(kind: MailKind) -> None:
    markup = MjmlLetters().write(kind, values_of(kind)).html
    assert '<html lang="en"' in markup
    assert re.search(r"<title>[^<]+</title>", markup)
    assert "prefers-color-scheme: dark" in markup
    assert '<meta name="color-scheme" content="light dark"' in markup


def test_values_meet_no_parser_of_ours() -> None:
    values = {**values_of(MailKind.INVITE), "inviter": '<mj-include path="/etc/hostname" /></mj-text>'}
    written = MjmlLetters().write(MailKind.INVITE, values)
    assert "&lt;mj-include path=&quot;/etc/hostname&quot; /&gt;" in written.html
