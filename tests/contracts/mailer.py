"""What every mailer promises. A test class per adapter inherits a contract and overrides its fixture."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from application.ports.mailer import MailDelayed, Mailer, MailNotSent, MailRefused
from domain.ids import LetterId, new_id
from domain.mail import Letter

TO = "ada@example.com"
TEXT = "Žofie invites you to “Harbour”:\nhttps://desk.example/accept-invite#token=one\n"


def a_letter(to: str = TO, subject: str = "Žofie invites you", unsubscribe: str | None = None) -> Letter:
    return Letter(
        id=LetterId(new_id(datetime.now(UTC))),
        to=to,
        subject=subject,
        text=TEXT,
        html='<p>Žofie <a href="https://desk.example/accept-invite#token=one">invites</a> you</p>',
        unsubscribe=unsubscribe,
    )


class Mood(StrEnum):
    """How whoever carries letters takes one."""

    TAKES = "takes"
    REFUSES = "refuses"
    DELAYS = "delays"


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter as it got there; `message_id` is empty where nobody carried it."""

    to: str
    subject: str
    text: str
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A mailer, and what was taken of it, in order."""

    mailer: Mailer
    taken: Callable[[], Sequence[Taken]]


Posting = Callable[[Mood], AbstractAsyncContextManager[Post]]


class MailerContract:
    @pytest.fixture
    def posting(self) -> Posting:
        """Mailers whose letters are taken in this mood."""
        raise NotImplementedError

    async def test_a_letter_is_taken_as_it_is(self, posting: Posting) -> None:
        letter = a_letter()
        async with posting(Mood.TAKES) as post:
            await post.mailer.send(letter)

            (taken,) = post.taken()
        assert (taken.to, taken.subject, taken.text.split()) == (letter.to, letter.subject, letter.text.split())

    async def test_letters_are_taken_in_order(self, posting: Posting) -> None:
        async with posting(Mood.TAKES) as post:
            for subject in ("One", "Two"):
                await post.mailer.send(a_letter(subject=subject))

            assert [taken.subject for taken in post.taken()] == ["One", "Two"]


class CarryingMailerContract(MailerContract):
    """For those whose letters go somewhere, and may be sent back."""

    async def test_a_letter_that_is_sent_twice_can_be_told_by_its_message_id(self, posting: Posting) -> None:
        letter = a_letter()
        async with posting(Mood.TAKES) as post:
            for each in (letter, letter, a_letter()):
                await post.mailer.send(each)

            first, second, other = (taken.message_id for taken in post.taken())
        assert first == second != other

    @pytest.mark.parametrize(("mood", "error"), [(Mood.REFUSES, MailRefused), (Mood.DELAYS, MailDelayed)])
    async def test_what_is_not_taken_is_told_without_the_address(
        self, posting: Posting, mood: Mood, error: type[MailNotSent]
    ) -> None:
        async with posting(mood) as post:
            with pytest.raises(error) as raised:
                await post.mailer.send(a_letter())

            assert post.taken() == []
        assert str(raised.value)
        assert TO not in str(raised.value)
        assert not isinstance(raised.value, MailRefused) or error is MailRefused
