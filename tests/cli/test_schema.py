import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from entrypoints.cli.schema import bring_up_to_date
from entrypoints.container import pending
from entrypoints.settings import load
from entrypoints.supervisor.embedded import Urls
from entrypoints.supervisor.errors import CannotStart
from tests.migrations.databases import new_database
from tests.processes import FLIGHTDECK, environment, free_port


async def test_a_start_brings_the_schema_up_to_date_where_it_may(servers: Urls) -> None:
    async with new_database(servers.database) as url:
        settings = replace(load({}, None), database_url=url, db_auto_migrate=True)
        await bring_up_to_date(settings)
        assert not pending(url)
        await bring_up_to_date(replace(settings, db_auto_migrate=False), patience=0)


async def test_a_start_that_may_not_migrate_gives_up_with_what_to_run(servers: Urls) -> None:
    async with new_database(servers.database) as url:
        settings = replace(load({}, None), database_url=url, db_auto_migrate=False)
        with pytest.raises(CannotStart, match="Run 'flightdeck migrate'"):
            await bring_up_to_date(settings, patience=0)
        assert pending(url)


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_while_it_waits_for_the_schema_it_says_so_and_can_be_stopped(
    tmp_path: Path, servers: Urls, command: str
) -> None:
    async with new_database(servers.database) as url:
        given = {"DATABASE_URL": url, "REDIS_URL": servers.redis, "DB_AUTO_MIGRATE": "false", "PORT": str(free_port())}
        process = subprocess.Popen(  # noqa: ASYNC220, S603 (a command of ours)
            [*FLIGHTDECK, command], env=environment(tmp_path / "home", **given), cwd=tmp_path, stderr=-1, text=True
        )
        assert process.stderr
        told = process.stderr.readline()
        process.terminate()
        _, rest = process.communicate(timeout=20)
    assert "The database's schema is not up to date. Run 'flightdeck migrate'. Waiting 60 s for that." in told
    assert (process.returncode, rest) == (0, "")
