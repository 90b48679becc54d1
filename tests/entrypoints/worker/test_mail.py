"""A letter on its whole way: from a unit of work, through a worker and real servers, to an inbox."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from application.mail.send_mail import SendMail
from domain.jobs import Job, JobStatus
from domain.mail import Invite
from entrypoints.container import Container, job_runner, migrate, running
from entrypoints.settings import Settings, load
from entrypoints.supervisor.embedded import Urls
from tests.adapters.smtp.server import HOST, Inbox, serving
from tests.migrations.databases import new_database

TO = "ada@example.com"
TOKEN = "planted-token"


@asynccontextmanager
async def working(settings: Settings) -> AsyncGenerator[Container]:
    """The container, beside a worker."""
    async with running(settings) as container:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(job_runner(container, settings, "test").run(stop))
            yield container
            stop.set()


@pytest.fixture
async def base(servers: Urls, tmp_path: Path) -> AsyncGenerator[dict[str, str]]:
    """The environment of an instance with a database of its own."""
    async with new_database(servers.database) as url:
        migrate(url)
        yield {
            "DATABASE_URL": url,
            "REDIS_URL": servers.redis,
            "FLIGHTDECK_HOME": str(tmp_path),
            "SECRET_KEY": "k" * 32,
            "BASE_URL": "https://desk.example",
            "LOG_LEVEL": "error",
        }


async def posted(container: Container) -> Job:
    ports = container.ports
    now = ports.clock().now()
    invite = Invite(
        inviter="Žofie", workspace="Harbour", role="member", token=TOKEN, expires_at=now + timedelta(days=7)
    )
    job = Job.of(SendMail.of(invite, now, ports.secret_box(), to=TO), now)
    async with ports.begin()() as work:
        await work.jobs.add(job)
        return await work.commit(job)


async def ended(container: Container, job: Job) -> Job:
    """The job, once it is over."""
    async with asyncio.timeout(20):
        while True:
            async with container.ports.begin()() as work:
                stored = await work.jobs.get(job.id)
            if stored.ended:
                return stored
            await asyncio.sleep(0.02)


async def test_a_letter_that_a_unit_of_work_leaves_is_in_the_inbox(base: dict[str, str]) -> None:
    async with serving(Inbox()) as inbox:
        smtp = {
            "SMTP_HOST": HOST,
            "SMTP_PORT": str(inbox.port),
            "SMTP_SECURITY": "none",
            "MAIL_FROM": "Flightdeck <desk@example.com>",
        }
        async with working(load(base | smtp, None)) as container:
            job = await ended(container, await posted(container))

    assert (job.status, job.result) == (JobStatus.SUCCEEDED, {"outcome": "sent"})
    (letter,) = inbox.letters
    assert (letter["To"], letter["Subject"]) == (TO, "Žofie invites you to “Harbour”")
    text = letter.get_body(("plain",))
    assert text
    assert f"https://desk.example/accept-invite#token={TOKEN}" in text.get_content().split()
    with psycopg.connect(base["DATABASE_URL"]) as connection:
        rows = str(connection.execute("select * from jobs").fetchall())
    assert str(job.id) in rows
    assert not any(secret in rows for secret in (TOKEN, TO, "Žofie"))


async def test_without_a_server_the_link_is_printed(base: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    async with working(load(base, None)) as container:
        job = await ended(container, await posted(container))

    assert job.status is JobStatus.SUCCEEDED
    assert f"https://desk.example/accept-invite#token={TOKEN}" in capsys.readouterr().err.splitlines()


async def test_a_refused_letter_is_a_dead_job_that_names_nobody(base: dict[str, str]) -> None:
    async with serving(Inbox({"RCPT": f"550 5.1.1 <{TO}>: no such user"})) as inbox:
        smtp = {
            "SMTP_HOST": HOST,
            "SMTP_PORT": str(inbox.port),
            "SMTP_SECURITY": "none",
            "MAIL_FROM": "desk@example.com",
        }
        async with working(load(base | smtp, None)) as container:
            job = await ended(container, await posted(container))

    assert (job.status, job.failures) == (JobStatus.DEAD, 1)
    assert job.error == "The mail server refuses the recipient for good (550 5.1.1)."
