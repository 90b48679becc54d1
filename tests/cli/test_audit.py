"""`flightdeck audit verify`: whether what happened was changed afterwards."""

from pathlib import Path

import psycopg

from adapters.memory.job_progress import MemoryJobProgress
from application.activity.seal_activity import SealActivity
from domain.ids import JobId, new_id
from domain.jobs import Claim
from entrypoints.container import running
from entrypoints.supervisor.embedded import Urls
from tests.databases import new_database
from tests.http.system import settings_for
from tests.processes import Done, environment, run


async def seal(url: str, redis: str, home: Path) -> None:
    async with running(settings_for(url, redis, home)) as container:
        now = container.ports.clock().now()
        claim = Claim(job_id=JobId(new_id(now)), attempt=1, type=SealActivity.type, payload={}, workspace_id=None)
        await container.activity().seal_activity()(SealActivity(), claim, MemoryJobProgress())


def verify(external: dict[str, str], tmp_path: Path, *more: str) -> Done:
    return run("audit", "verify", *more, env=external, cwd=tmp_path)


async def test_all_is_well_until_somebody_changes_a_row(tmp_path: Path, servers: Urls) -> None:
    async with new_database(servers) as url:
        await _all_is_well_until_somebody_changes_a_row(url, tmp_path, servers.redis)


async def _all_is_well_until_somebody_changes_a_row(url: str, tmp_path: Path, redis: str) -> None:
    external = environment(tmp_path / "home", DATABASE_URL=url, REDIS_URL=redis)
    assert run("seed", env=external, cwd=tmp_path).code == 0
    before = verify(external, tmp_path, "--workspace", "harbour-studio")
    assert (before.code, before.err) == (0, "")
    assert "harbour-studio: 0 rows under 0 seals verified, " in before.out
    assert before.out.endswith(" newest rows not sealed yet.\n")

    await seal(url, redis, tmp_path / "home")
    well = verify(external, tmp_path, "--workspace", "harbour-studio")
    assert (well.code, well.err) == (0, "")
    summary, newest = well.out.splitlines()
    assert " under 1 seal verified." in summary
    digest = newest.split(": ")[1]
    assert verify(external, tmp_path, "--noted", digest).code == 0
    lost = verify(external, tmp_path, "--noted", "00" * 32)
    assert (lost.code, lost.err.split(":")[0]) == (1, f"No seal is {'00' * 32}")

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update activity set type = 'x.y' where number = 2")
        connection.execute("delete from activity where number = 3")
    broken = verify(external, tmp_path, "--workspace", "harbour-studio")
    assert broken.code == 1
    assert broken.err == "harbour-studio: row 2 was changed.\nharbour-studio: row 3 is missing.\n"


def test_a_workspace_that_is_not_there_is_told(external: dict[str, str], tmp_path: Path) -> None:
    done = verify(external, tmp_path, "--workspace", "nobody")
    assert (done.code, done.err) == (1, "flightdeck: There is no workspace with the handle 'nobody'.\n")


def test_what_is_no_digest_is_wrong_usage(external: dict[str, str], tmp_path: Path) -> None:
    done = verify(external, tmp_path, "--noted", "12")
    assert done.code == 2
    assert "it takes 64 hexadecimal digits" in done.err
