from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from typing_extensions import override

from adapters.postgres.health import DatabaseProbe, WorkerProbe
from adapters.postgres.migrate import migrate
from adapters.postgres.pool import open_pool
from adapters.postgres.statements import Command, Database
from adapters.postgres.tables import workers
from application.ports.health import Probe
from domain.errors import Unavailable
from tests.contracts.health import ProbeContract
from tests.contracts.stores import Stores

_EVERYBODY_LEAVES = Command(delete(workers))
_TIME_PASSES = Command(update(workers).values(seen_at=workers.c.seen_at - timedelta(seconds=16)))


@pytest.fixture
def absent_url(tmp_path: Path) -> str:
    return f"postgresql://nobody@/nothing?host={tmp_path}"


@pytest.fixture
async def absent_database(absent_url: str) -> AsyncIterator[Database]:
    async with open_pool(absent_url, 1, wait=0.05) as pool:
        yield Database(pool)


class TestDatabaseProbe(ProbeContract):
    @pytest.fixture
    @override
    def working(self, database: Database, database_url: str) -> Probe:
        return DatabaseProbe(database, database_url)

    @pytest.fixture
    @override
    def broken(self, absent_database: Database, absent_url: str) -> Probe:
        return DatabaseProbe(absent_database, absent_url)

    async def test_it_names_the_version_of_pgvector(self, working: Probe) -> None:
        assert (await working.check() or "").startswith("pgvector 0.")

    async def test_a_database_without_our_schema_says_what_to_run(self, empty_database_url: str) -> None:
        async with open_pool(empty_database_url, 1) as pool:
            with pytest.raises(Unavailable, match="flightdeck migrate"):
                await DatabaseProbe(Database(pool), empty_database_url).check()

    async def test_a_pgvector_that_is_too_old_says_what_to_do(self, empty_database_url: str) -> None:
        migrate(empty_database_url)
        async with open_pool(empty_database_url, 1) as pool:
            async with pool.connection() as connection:
                await connection.execute("update pg_extension set extversion = '0.4.4' where extname = 'vector'")
            with pytest.raises(Unavailable, match="alter extension vector update"):
                await DatabaseProbe(Database(pool), empty_database_url).check()


class TestWorkerProbe(ProbeContract):
    @pytest.fixture
    @override
    async def working(self, database: Database, stores: Stores) -> Probe:
        await stores.queue.present("worker-1")
        return WorkerProbe(database)

    @pytest.fixture
    @override
    def broken(self, absent_database: Database) -> Probe:
        return WorkerProbe(absent_database)

    async def test_a_database_without_our_schema_says_what_to_run(self, empty_database_url: str) -> None:
        async with open_pool(empty_database_url, 1) as pool:
            with pytest.raises(Unavailable, match="flightdeck migrate"):
                await WorkerProbe(Database(pool)).check()

    async def test_a_worker_that_has_stopped_or_fallen_silent_is_not_present(
        self, database: Database, stores: Stores
    ) -> None:
        probe = WorkerProbe(database)
        await database.run(_EVERYBODY_LEAVES)
        await stores.queue.present("worker-1")
        await stores.queue.present("worker-2")
        assert await probe.check() == "2 workers"
        await stores.queue.absent("worker-1")
        assert await probe.check() == "1 worker"
        await database.run(_TIME_PASSES)
        with pytest.raises(Unavailable):
            await probe.check()
