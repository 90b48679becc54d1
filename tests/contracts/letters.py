"""What whoever writes letters promises. A test class per adapter inherits the contract and overrides its fixture."""

import html
import re
from collections.abc import Mapping

import pytest

from application.ports.letters import Letters, ValuesMissing
from domain.mail import MailKind

VALUES = {
    "inviter": "Žofie & “Co.” <b>",
    "workspace": "$link ${nothing} {{ 7 * 7 }} <script>",
    "role": "member",
    "expires": "28 November 2026, 06:02 UTC",
    "job_type": "deliver_webhook",
    "error": 'The receiver answered "503".',
    "link": "https://desk.example/accept-invite#token=a-b_c&d",
    "preferences": "https://desk.example/profile#mail",
}
SAID = {
    MailKind.INVITE: ("inviter", "workspace", "role", "expires"),
    MailKind.VERIFY: ("expires",),
    MailKind.RECOVER: ("expires",),
    MailKind.ALREADY_REGISTERED: (),
    MailKind.VISITOR_WAITS: ("workspace", "preferences"),
    MailKind.JOB_DIED: ("workspace", "job_type", "error", "preferences"),
    MailKind.TEST: (),
}


def values_of(kind: MailKind) -> Mapping[str, str]:
    return {name: VALUES[name] for name in (*SAID[kind], "link")}


def shown(markup: str) -> str:
    """What a reader of the HTML sees, and where its links lead."""
    return html.unescape(re.sub(r"<(?!a )[^>]*>", "", markup))


class LettersContract:
    @pytest.fixture
    def letters(self) -> Letters:
        raise NotImplementedError

    @pytest.mark.parametrize("kind", MailKind)
    def test_each_kind_says_all_it_is_given_as_text_and_as_html(self, letters: Letters, kind: MailKind) -> None:
        values = values_of(kind)
        written = letters.write(kind, values)

        assert written.subject.isprintable()
        assert written.subject.strip() == written.subject != ""
        for value in values.values():
            assert value in written.text
            assert value in shown(written.html)
        assert values["link"] in written.text.split()

    def test_a_value_is_neither_markup_nor_a_template(self, letters: Letters) -> None:
        written = letters.write(MailKind.INVITE, values_of(MailKind.INVITE))

        assert "<script>" not in written.html
        assert "<b>" not in written.html
        assert VALUES["workspace"] in written.text

    @pytest.mark.parametrize("kind", MailKind)
    def test_a_missing_link_is_named(self, letters: Letters, kind: MailKind) -> None:
        values = {name: value for name, value in values_of(kind).items() if name != "link"}
        with pytest.raises(ValuesMissing, match=r"^link$"):
            letters.write(kind, values)

    @pytest.mark.parametrize("kind", [kind for kind in MailKind if kind.optional])
    def test_an_optional_letter_needs_the_place_where_it_is_switched_off(
        self, letters: Letters, kind: MailKind
    ) -> None:
        values = {name: value for name, value in values_of(kind).items() if name != "preferences"}
        with pytest.raises(ValuesMissing, match=r"^preferences$"):
            letters.write(kind, values)
