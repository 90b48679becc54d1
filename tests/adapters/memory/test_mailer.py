from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from typing_extensions import override

from adapters.memory.mailer import MemoryMailer
from application.ports.mailer import MailDelayed, MailNotSent, MailRefused
from tests.contracts.mailer import CarryingMailerContract, Mood, Post, Posting, Taken, a_letter

FAILURES: dict[Mood, list[MailNotSent]] = {
    Mood.TAKES: [],
    Mood.REFUSES: [MailRefused("Never.")],
    Mood.DELAYS: [MailDelayed("Not now.")],
}


@asynccontextmanager
async def posting(mood: Mood) -> AsyncGenerator[Post]:
    mailer = MemoryMailer(*FAILURES[mood])
    yield Post(
        mailer=mailer,
        taken=lambda: [Taken(sent.to, sent.subject, sent.text, str(sent.id)) for sent in mailer.sent],
    )


class TestMemoryMailer(CarryingMailerContract):
    @pytest.fixture
    @override
    def posting(self) -> Posting:
        return posting


async def test_a_failure_is_that_of_one_letter() -> None:
    mailer = MemoryMailer(MailDelayed("Not now."))
    letter = a_letter()
    with pytest.raises(MailDelayed):
        await mailer.send(letter)
    await mailer.send(letter)

    assert mailer.sent == [letter]
