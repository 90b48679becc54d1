from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import ConversationId, LetterId, new_id
from domain.mail import (
    STALE_AFTER,
    AlreadyRegistered,
    Content,
    Drop,
    DropReason,
    Invite,
    JobDied,
    Letter,
    Mailbox,
    MailKind,
    MailPreferences,
    NoMailbox,
    Recover,
    SendNow,
    Trial,
    UnfitSubject,
    Verify,
    VisitorWaits,
    WaitUntil,
    WorkingHours,
    decide,
)
from domain.mail.contents import one_line

NOW = datetime(2026, 3, 6, 18, tzinfo=UTC)
"""A Friday evening."""
OFFICE = WorkingHours(days=frozenset(range(5)), opens=time(9), closes=time(17))
ALWAYS = [kind for kind in MailKind if not kind.optional]
TOKEN = "planted-token"
CONTENTS: list[Content] = [
    Invite(inviter="Ada", workspace="Harbour", role="member", token=TOKEN, expires_at=NOW),
    Verify(token=TOKEN, expires_at=NOW),
    Recover(token=TOKEN, expires_at=NOW),
    AlreadyRegistered(),
    VisitorWaits(workspace="Harbour", conversation_id=ConversationId(new_id(NOW))),
    JobDied(workspace="Harbour", job_type="tidy_up", error="No broom."),
    Trial(),
]


class TestSchedule:
    @pytest.mark.parametrize("kind", ALWAYS)
    def test_a_letter_that_guards_an_account_goes_out_at_once_whatever_is_preferred(self, kind: MailKind) -> None:
        never = MailPreferences(off=frozenset(MailKind), working_hours=OFFICE)
        assert decide(kind, never, since=NOW - timedelta(days=9), now=NOW) == SendNow()

    def test_only_what_a_member_may_go_without_is_optional(self) -> None:
        assert set(MailKind) - set(ALWAYS) == {MailKind.VISITOR_WAITS, MailKind.JOB_DIED}

    @pytest.mark.parametrize("kind", [MailKind.VISITOR_WAITS, MailKind.JOB_DIED])
    def test_what_is_switched_off_is_dropped_and_the_rest_goes_out(self, kind: MailKind) -> None:
        (other,) = {MailKind.VISITOR_WAITS, MailKind.JOB_DIED} - {kind}
        preferences = MailPreferences(off=frozenset({kind}))
        assert decide(kind, preferences, since=NOW, now=NOW) == Drop(DropReason.SWITCHED_OFF)
        assert decide(other, preferences, since=NOW, now=NOW) == SendNow()

    def test_a_dead_job_waits_for_working_hours(self) -> None:
        preferences = MailPreferences(working_hours=OFFICE, timezone=ZoneInfo("Europe/Prague"))
        monday = datetime(2026, 3, 9, 8, tzinfo=UTC)
        assert decide(MailKind.JOB_DIED, preferences, since=NOW, now=NOW) == WaitUntil(monday)
        assert decide(MailKind.JOB_DIED, preferences, since=NOW, now=monday) == SendNow()

    def test_a_visitor_who_waits_over_night_is_told_of_in_the_morning(self) -> None:
        thursday = NOW - timedelta(days=1)
        waits = decide(MailKind.VISITOR_WAITS, MailPreferences(working_hours=OFFICE), since=thursday, now=thursday)
        assert waits == WaitUntil(datetime(2026, 3, 6, 9, tzinfo=UTC))

    def test_a_visitor_nobody_would_see_within_a_day_is_not_told_of(self) -> None:
        stale = Drop(DropReason.STALE)
        assert decide(MailKind.VISITOR_WAITS, MailPreferences(working_hours=OFFICE), since=NOW, now=NOW) == stale
        day = NOW + STALE_AFTER
        assert decide(MailKind.VISITOR_WAITS, MailPreferences(), since=NOW, now=day) == stale
        assert decide(MailKind.VISITOR_WAITS, MailPreferences(), since=NOW, now=day - timedelta(seconds=1)) == SendNow()


class TestContents:
    @pytest.mark.parametrize("content", CONTENTS, ids=lambda content: content.kind)
    def test_tokens_stand_in_the_fragment_alone(self, content: Content) -> None:
        path, _, fragment = content.path.partition("#")
        assert path.startswith("/")
        assert TOKEN not in f"{path}{content.values}{content!r}"
        assert (TOKEN in fragment) is hasattr(content, "token")

    def test_there_is_a_content_for_each_kind(self) -> None:
        assert [content.kind for content in CONTENTS] == list(MailKind)

    def test_times_are_written_as_people_do(self) -> None:
        prague = NOW.astimezone(ZoneInfo("Europe/Prague"))
        assert Verify(token=TOKEN, expires_at=prague).values == {"expires": "6 March 2026, 18:00 UTC"}

    @given(st.text())
    def test_whatever_somebody_is_called_is_one_line(self, text: str) -> None:
        line = one_line(text)
        assert line.isprintable()
        assert line == line.strip()
        assert len(line) <= 200

    def test_names_that_break_lines_or_turn_the_text_round_do_not(self) -> None:
        invite = Invite(
            inviter="Ada\r\nBcc: all@example.com",
            workspace="\x1b[31mHarbour\u202e\u2028x",
            role="member",
            token=TOKEN,
            expires_at=NOW,
        )
        assert invite.values["inviter"] == "Ada Bcc: all@example.com"
        assert invite.values["workspace"] == "[31mHarbour x"
        assert one_line("a" * 201) == "a" * 199 + "…"


class TestLetters:
    letter = Letter(id=LetterId(new_id(NOW)), to="ada@example.com", subject="Hello", text=TOKEN, html=TOKEN)

    @pytest.mark.parametrize("subject", ["", "Hello\r\nBcc: all@example.com", "Hello\n", "a\x00b", "x" * 401])
    def test_a_subject_is_one_line(self, subject: str) -> None:
        with pytest.raises(UnfitSubject):
            replace(self.letter, subject=subject)

    def test_a_letter_goes_to_a_mailbox(self) -> None:
        with pytest.raises(NoMailbox):
            replace(self.letter, to="ada@example.com, all@example.com")

    def test_what_it_says_is_not_shown(self) -> None:
        assert TOKEN not in repr(self.letter)


class TestMailboxes:
    @pytest.mark.parametrize(
        "address",
        [
            "ada@example.com",
            "a.b+c@x-y.example",
            "žofie@bücher.example",
            "o'hara_1@localhost",
            f"{'a' * 64}@example.com",
        ],
    )
    def test_addresses_are_taken(self, address: str) -> None:
        assert Mailbox(address).address == address

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@@example.com",
            "ada@example..com",
            "ada@-example.com",
            ".ada@example.com",
            "ada.@example.com",
            "a da@example.com",
            "ada@example.com\r\nBcc: all@example.com",
            "ada@example.com\n",
            "ada\x00@example.com",
            "ada\u202e@example.com",
            "<ada@example.com>",
            "ada@example.com,eve@example.com",
            '"ada"@example.com',
            "ada@[127.0.0.1]",
            f"{'a' * 65}@example.com",
            f"ada@{'a.' * 130}com",
        ],
    )
    def test_what_is_no_address_is_refused(self, address: str) -> None:
        with pytest.raises(NoMailbox):
            Mailbox(address)

    @given(st.text())
    def test_no_mailbox_holds_a_line_break(self, text: str) -> None:
        try:
            mailbox = Mailbox.parse(f"{text} <ada@example.com>")
        except NoMailbox:
            return
        assert f"{mailbox.name}{mailbox.address}".isprintable()

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Flightdeck <desk@example.com>", Mailbox("desk@example.com", "Flightdeck")),
            ('"Flight, deck" <desk@example.com>', Mailbox("desk@example.com", "Flight, deck")),
            ("<desk@example.com>", Mailbox("desk@example.com")),
            ("desk@example.com", Mailbox("desk@example.com")),
        ],
    )
    def test_a_name_may_stand_before_the_address(self, text: str, expected: Mailbox) -> None:
        assert Mailbox.parse(text) == expected

    @pytest.mark.parametrize("text", ["Flightdeck desk@example.com", "a <b> <c@d.e>", f"{'n' * 101} <a@b.c>"])
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(NoMailbox):
            Mailbox.parse(text)


def test_a_mailbox_is_at_a_domain() -> None:
    assert Mailbox("ada@mail.example.com").domain == "mail.example.com"
