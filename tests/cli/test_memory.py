"""`flightdeck memory prune`: what nobody will need is deleted, or told."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from domain.ids import UserId, WorkspaceId
from domain.memories import RESTORABLE, Memory, MemoryAdded, MemoryRetention, Tier
from entrypoints.container import running
from entrypoints.supervisor.embedded import Urls
from tests.databases import new_database
from tests.http.system import settings_for
from tests.processes import Done, environment, run

SECRET = "Owes Anna a boat."
UNUSED = "another says what is true now, and nobody has asked for it in 90 days"


def prune(external: dict[str, str], tmp_path: Path, *more: str) -> Done:
    done = run("memory", "prune", *more, env=external, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert SECRET not in done.out
    return done


async def test_a_dry_run_tells_what_would_go_and_why_and_then_it_goes(tmp_path: Path, servers: Urls) -> None:
    async with new_database(servers) as url:
        external = environment(tmp_path / "home", DATABASE_URL=url, REDIS_URL=servers.redis)
        assert run("seed", env=external, cwd=tmp_path).code == 0
        nothing = prune(external, tmp_path, "--dry-run")
        assert nothing.out == ("Nothing was changed. Pruned would be: 0; gone for good of those deleted before: 0.\n")
        expired, superseded, deleted, kept = await _remembered(url, servers.redis, tmp_path / "home")

        why = [
            f"harbour-studio: task memory {expired}: its time is over.",
            f"harbour-studio: project memory {superseded}: {UNUSED}.",
        ]
        *told, summary = prune(external, tmp_path, "--dry-run").out.splitlines()
        assert sorted(told) == sorted(why)
        assert summary == "Nothing was changed. Pruned would be: 2; gone for good of those deleted before: 1."
        assert _there(url) == {expired: None, superseded: None, deleted: "deleted", kept: None}

        *told, summary = prune(external, tmp_path).out.splitlines()
        assert sorted(told) == sorted(why)
        assert summary == ("Pruned: 2, which can be undone for 30 days; gone for good of those deleted before: 1.")
        assert _there(url) == {expired: "pruned", superseded: "pruned", kept: None}
        assert _events(url) == [(expired, "expired", "system"), (superseded, "superseded", "system")]
        again = prune(external, tmp_path)
        assert again.out == "Pruned: 0, which can be undone for 30 days; gone for good of those deleted before: 0.\n"


async def _remembered(url: str, redis: str, home: Path) -> list[UUID]:
    """Memories of the owner: one whose time is over, one of old, one deleted long ago, and one to keep."""
    with psycopg.connect(url) as connection:
        row = connection.execute("select id, owner_id from workspaces where handle = 'harbour-studio'").fetchone()
    assert row
    async with running(settings_for(url, redis, home)) as container:
        now = container.ports.clock().now()
        stored: list[UUID] = []
        async with container.ports.begin()() as work:
            for tier, age in ((Tier.TASK, 31), (Tier.PROJECT, 91), (Tier.PERSONAL, 92), (Tier.PERSONAL, 4_000)):
                at = now - timedelta(days=age)
                owner_id = UserId(row[1])
                memory = Memory.added(
                    WorkspaceId(row[0]), owner_id, {"content": f"{SECRET} {age}", "tier": tier}, MemoryRetention(), at
                )
                because = MemoryAdded.of(memory, by=(await work.users.get(owner_id)).actor, at=now)
                await work.memories.add(memory, because=because)
                stored.append(memory.id)
            await work.commit(None)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("update memories set superseded_by = %s where id = %s", (uuid4(), stored[1]))
        connection.execute(
            "update memories set deleted_at = %s, change = 'deleted' where id = %s",
            (now - RESTORABLE - timedelta(minutes=1), stored[2]),
        )
    return stored


def _there(url: str) -> dict[UUID, str | None]:
    """Each memory, and how it was deleted, if it is."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("select id, change, deleted_at from memories").fetchall()
    return {key: change if deleted_at else None for key, change, deleted_at in rows}


def _events(url: str) -> list[tuple[UUID, str, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "select subject_id, data ->> 'reason', actor_type from activity where type = 'memory.pruned'"
            " order by data ->> 'reason'"
        ).fetchall()
