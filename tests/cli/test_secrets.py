"""Another `SECRET_KEY` without downtime: the earlier one opens what it sealed until all is sealed anew."""

from base64 import b64decode
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from application.mail.order import MailOrder
from application.mail.send_mail import SendMail
from application.ports.secret_box import SecretBox, UnsealError
from domain.jobs import Job
from domain.mail import AlreadyRegistered
from entrypoints.container.backups import box
from entrypoints.supervisor.embedded import Urls
from tests.databases import new_database
from tests.http.system import System, settings_for, started
from tests.processes import Done, environment, run

OLD, NEW = "an old key of the tests with enough characters", "a new key of the tests with enough characters"


async def store_secrets(system: System) -> None:
    """One of each kind, in the workspace of a new member."""
    member = await system.member()
    connector = {"type": "calendly", "config": {"url": "https://calendly.com/me", "api_token": "a calendly token"}}
    (await member.api.post(f"{member.path}/connectors", json=connector)).raise_for_status()
    webhook = {"url": "https://desk.example.com/hook"}
    (await member.api.put(f"{member.path}/webhook", json=webhook)).raise_for_status()
    (await member.api.post(f"{member.path}/webhook/rotate")).raise_for_status()
    ports: Any = system.container.ports
    now = ports.clock().now()
    letter = SendMail.of(AlreadyRegistered(), now, ports.secret_box(), to="ada@example.com")
    async with ports.begin()() as work:
        await work.jobs.add(Job.of(letter, now, run_at=now + timedelta(days=365)))
        await work.commit(None)


def opened(url: str, keys: SecretBox) -> Sequence[bytes]:
    """All stored secrets.

    Raises:
        UnsealError: a key for one is missing.
    """
    with psycopg.connect(url) as connection:
        connectors = connection.execute("select id, sealed from connectors where sealed <> '{}'").fetchall()
        webhooks = connection.execute("select workspace_id, sealed, retired from webhooks").fetchall()
        jobs = connection.execute("select payload ->> 'sealed' from jobs where payload ? 'sealed'").fetchall()
    found = [
        keys.unseal(b64decode(form), purpose=f"connector:{key}") for key, forms in connectors for form in forms.values()
    ]
    found += [keys.unseal(form, purpose=f"webhook:{key}") for key, *forms in webhooks for form in forms]
    return [*found, *(MailOrder.unsealed(sealed, keys).kind.encode() for (sealed,) in jobs)]


def rotate(url: str, redis: str, folder: Path, **keys: str) -> Done:
    env = environment(folder / "home", DATABASE_URL=url, REDIS_URL=redis, **keys)
    return run("secrets", "rotate", env=env, cwd=folder)


async def test_a_key_is_replaced_while_everything_keeps_opening(servers: Urls, tmp_path: Path) -> None:
    async with new_database(servers) as url:
        async with started(settings_for(url, servers.redis, tmp_path, SECRET_KEY=OLD), worker=False) as system:
            await store_secrets(system)
        secrets = opened(url, box(OLD))
        assert len(secrets) == 4

        both = settings_for(url, servers.redis, tmp_path, SECRET_KEY=NEW, SECRET_KEY_PREVIOUS=OLD)
        async with started(both, worker=False) as system:
            keys: Any = system.container.ports.secret_box()
            assert opened(url, keys) == secrets
            with pytest.raises(UnsealError):
                opened(url, box(NEW))
            done = rotate(url, servers.redis, tmp_path, SECRET_KEY=NEW, SECRET_KEY_PREVIOUS=OLD)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith(
            "4 secrets were sealed anew with SECRET_KEY; 0 were sealed with it already.\nNothing"
        )

        assert opened(url, box(NEW)) == secrets
        again = rotate(url, servers.redis, tmp_path, SECRET_KEY=NEW)
        assert again.out == "0 secrets were sealed anew with SECRET_KEY; 4 were sealed with it already.\n"


async def test_secrets_of_a_lost_key_are_told(servers: Urls, tmp_path: Path) -> None:
    async with new_database(servers) as url:
        async with started(settings_for(url, servers.redis, tmp_path, SECRET_KEY=OLD), worker=False) as system:
            await store_secrets(system)
        done = rotate(url, servers.redis, tmp_path, SECRET_KEY=NEW)
        assert done.code == 1
        assert done.err == "flightdeck: 4 secrets cannot be opened with any of the keys.\n"
