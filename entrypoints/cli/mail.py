import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from application.mail.order import MailOrder
from application.ports.mailer import MailNotSent
from domain.ids import ConversationId, LetterId, new_id
from domain.mail import (
    AlreadyRegistered,
    Content,
    Invite,
    JobDied,
    Letter,
    NoMailbox,
    Recover,
    Trial,
    Verify,
    VisitorWaits,
)
from entrypoints.cli.configuration import configured
from entrypoints.container import letters, mailer
from entrypoints.settings import Settings


def run(arguments: Namespace) -> int:
    """Sends a test letter, or writes letters with examples in them; 1 when that cannot be done."""
    settings = configured()
    if arguments.action == "test":
        return _test(settings, arguments.address)
    return _preview(settings, arguments.template, arguments.to)


def _test(settings: Settings, address: str) -> int:
    try:
        letter = _letter(Trial(), address, settings)
        asyncio.run(mailer(settings).send(letter))
    except NoMailbox:
        return _failed(f"{address!r} is no address that a letter can be sent to.")
    except MailNotSent as error:
        return _failed(str(error), *([f"It said: {error.answer}"] if error.answer else []))
    if settings.smtp_host is None:
        print("SMTP_HOST is unset: the letter was printed and not sent.")
    else:
        print(f"{settings.smtp_host} took the letter to {address}. See that it arrives.")
    return 0


def _preview(settings: Settings, template: str | None, folder: Path) -> int:
    chosen = [content for content in examples() if template in {None, content.kind}]
    if not chosen:
        return _failed(f"There is no template {template!r}; there are {', '.join(each.kind for each in examples())}.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for content in chosen:
            letter = _letter(content, "ada@example.com", settings)
            _write(folder / f"{content.kind}.html", letter.html)
            _write(folder / f"{content.kind}.txt", f"Subject: {letter.subject}\n\n{letter.text}")
    except OSError as error:
        return _failed(f"Cannot write to {folder}: {error.strerror}.")
    return 0


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    print(path)


def _letter(content: Content, to: str, settings: Settings) -> Letter:
    identifier = LetterId(new_id(datetime.now(UTC)))
    return MailOrder.of(content).written(letters(), identifier, to, settings.base_url)


def _failed(*sentences: str) -> int:
    for sentence in sentences:
        print(f"flightdeck: {sentence}", file=sys.stderr)
    return 1


def examples() -> Sequence[Content]:
    """One of each letter, as a person might get it."""
    now = datetime.now(UTC)
    token, workspace = "example-of-a-single-use-token-of-43-characters", "Harbour Studio"
    return (
        Invite(
            inviter="Ada Lovelace",
            workspace=workspace,
            role="member",
            token=token,
            expires_at=now + timedelta(days=7),
        ),
        Verify(token=token, expires_at=now + timedelta(hours=48)),
        Recover(token=token, expires_at=now + timedelta(hours=48)),
        AlreadyRegistered(),
        VisitorWaits(workspace=workspace, conversation_id=ConversationId(new_id(now))),
        JobDied(workspace=workspace, job_type="deliver_webhook", error="The receiver answered 503."),
        Trial(),
    )
