from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from typing_extensions import override

from adapters.console.mailer import ConsoleMailer
from tests.contracts.mailer import MailerContract, Mood, Post, Posting, Taken, a_letter


def parsed(block: str) -> Taken:
    _, rule, _, to, subject, _, *text, last, _, _ = block.split("\n")
    assert rule == last
    return Taken(to.removeprefix("To:").strip(), subject.removeprefix("Subject:").strip(), "\n".join(text))


@asynccontextmanager
async def posting(mood: Mood) -> AsyncGenerator[Post]:
    assert mood is Mood.TAKES
    blocks: list[str] = []
    yield Post(mailer=ConsoleMailer(blocks.append), taken=lambda: [parsed(block) for block in blocks])


class TestConsoleMailer(MailerContract):
    @pytest.fixture
    @override
    def posting(self) -> Posting:
        return posting


async def test_a_letter_is_printed_as_one_block_on_standard_error_with_its_link_alone_on_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    await ConsoleMailer().send(a_letter())

    out, err = capsys.readouterr()
    assert out == ""
    assert "https://desk.example/accept-invite#token=one" in err.splitlines()
    assert "Mail that is not sent, as SMTP_HOST is unset" in err
    assert "<p>" not in err
