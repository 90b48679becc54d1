"""What somebody who owns the database does to the activity, and what is found of it."""

from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import psycopg
import pytest

from adapters.memory.clock import MemoryClock
from adapters.memory.job_progress import MemoryJobProgress
from adapters.postgres.audit import PostgresAuditLog
from adapters.postgres.pool import open_pool
from adapters.postgres.statements import Database
from application.activity.seal_activity import ActivitySealer, SealActivity
from application.activity.verify_activity import Verification, VerifyActivity
from domain.ids import JobId
from domain.jobs import Claim
from entrypoints.supervisor.embedded import Urls
from tests.contracts.audit import sealed, with_events
from tests.contracts.examples import Tenant, a_service
from tests.contracts.stores import Stores
from tests.databases import new_database

ONE = "where workspace_id = %(w)s and number = 7"
_ADDED = """
insert into activity
select workspace_id, 12, type, actor_type, actor_id, subject_type, subject_id, at, causation_id, data
from activity ONE
"""


class Case:
    """A workspace with ten rows, of which seals are over 1 to 4 and 5 to 8."""

    def __init__(self, stores: Stores, tenant: Tenant, database: Database, url: str) -> None:
        self.stores, self.tenant, self.url = stores, tenant, url
        self.log = PostgresAuditLog(database)

    async def tamper(self, *statements: str) -> None:
        """Runs the statements as an owner of the database does whom no trigger and no constraint stops."""
        async with await psycopg.AsyncConnection.connect(self.url) as connection:
            await connection.execute("set session_replication_role = replica")
            for statement in statements:
                done = await connection.execute(statement.replace("ONE", ONE).encode(), {"w": self.tenant.id})
                assert done.rowcount > 0, statement

    async def verify(self, *noted: bytes) -> Verification:
        (found,) = [
            each async for each in VerifyActivity(self.log)(str(self.tenant.workspace.handle), frozenset(noted))
        ]
        return found

    async def faults(self) -> Sequence[str]:
        return [str(fault) for fault in (await self.verify()).faults]

    async def seal(self) -> None:
        claim = Claim(job_id=JobId(uuid4()), attempt=1, type=SealActivity.type, payload={}, workspace_id=None)
        await ActivitySealer(self.log, self.stores.queue, MemoryClock())(SealActivity(), claim, MemoryJobProgress())


@pytest.fixture(scope="module")
async def database_url(servers: Urls) -> AsyncIterator[str]:
    """A database that no other test verifies."""
    async with new_database(servers) as url:
        yield url


@pytest.fixture(scope="module")
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_pool(database_url, 4) as pool:
        yield Database(pool)


@pytest.fixture
async def case(stores: Stores, database: Database, database_url: str) -> Case:
    tenant = await with_events(stores, 10)
    await sealed(stores, tenant, 1, 4)
    await sealed(stores, tenant, 5, 8)
    return Case(stores, tenant, database, database_url)


async def test_what_nobody_touched_is_well(case: Case) -> None:
    found = await case.verify()
    assert (found.faults, found.more) == ([], 0)
    assert (found.rows, found.seals, found.unsealed) == (8, 2, 2)


@pytest.mark.parametrize(
    "change",
    [
        "type = 'service.edited'",
        "actor_type = 'system'",
        "actor_id = gen_random_uuid()",
        "subject_type = 'run'",
        "subject_id = gen_random_uuid()",
        "at = at + interval '1 microsecond'",
        "at = 'infinity'",
        "at = '4713-01-01 BC'",
        "causation_id = ''",
        "causation_id = 'another'",
        """data = data || '{"name": "Another"}'""",
        "data = data - 'name'",
        "data = '[]'",
        "data = '1e400'",
    ],
)
async def test_a_change_of_any_column_is_found(case: Case, change: str) -> None:
    await case.tamper(f"update activity set {change} ONE")  # noqa: S608 (the test's)
    assert await case.faults() == ["row 7 was changed"]


@pytest.mark.parametrize(
    ("statements", "faults"),
    [
        (["delete from activity ONE"], ["row 7 is missing"]),
        (["delete from activity where workspace_id = %(w)s and number < 5"], ["rows 1 to 4 are missing"]),
        (["delete from activity where workspace_id = %(w)s and number > 9"], ["row 10 is missing"]),
        (
            ["delete from activity where workspace_id = %(w)s and number > 6"],
            ["rows 7 to 8 are missing", "rows 9 to 10 are missing"],
        ),
        (["update activity set number = 11 ONE"], ["row 7 is missing", "row 11 was added"]),
        (["update activity set number = -3 ONE"], ["row 7 is missing", "row -3 was added"]),
        (["update activity set workspace_id = gen_random_uuid() ONE"], ["row 7 is missing"]),
        (
            [_ADDED],
            ["row 12 was added"],
        ),
        (
            [
                "update activity set number = 0 ONE",
                "update activity set number = 7 where workspace_id = %(w)s and number = 6",
                "update activity set number = 6 where workspace_id = %(w)s and number = 0",
            ],
            ["rows 6 to 7 were changed"],
        ),
        (
            ["update activity_heads set number = 12 where workspace_id = %(w)s"],
            ["rows 11 to 12 are missing"],
        ),
        (
            ["update activity_heads set number = 9000000000000000000 where workspace_id = %(w)s"],
            ["rows 5009 to 9000000000000000000 are missing"],
        ),
        (
            ["update activity_heads set number = 7 where workspace_id = %(w)s"],
            ["the count of rows was changed: it is below 8", "rows 9 to 10 were added"],
        ),
        (
            ["delete from activity_heads where workspace_id = %(w)s"],
            ["the count of rows was changed: it is below 8", "rows 9 to 10 were added"],
        ),
        (["delete from activity_seals where workspace_id = %(w)s and number = 1"], ["seal 1 is missing"]),
        (["update activity_seals set number = 3 where workspace_id = %(w)s and number = 2"], ["seal 2 is missing"]),
        (
            ["update activity_seals set digest = previous where workspace_id = %(w)s and number = 1"],
            ["seal 1 was changed"],
        ),
        (
            ["update activity_seals set sealed_at = 'infinity' where workspace_id = %(w)s and number = 2"],
            ["seal 2 was changed"],
        ),
    ],
)
async def test_what_was_removed_added_or_changed_is_found(case: Case, statements: list[str], faults: list[str]) -> None:
    await case.tamper(*statements)
    assert set(faults) <= set(await case.faults())


async def test_rows_removed_before_they_are_sealed_are_missing_for_ever(case: Case) -> None:
    await case.tamper("delete from activity where workspace_id = %(w)s and number = 9")
    assert await case.faults() == ["row 9 is missing"]
    await case.seal()
    found = await case.verify()
    assert ([str(fault) for fault in found.faults], found.unsealed) == (["row 9 is missing"], 0)


async def test_what_was_cut_off_with_its_seals_and_its_count_is_found_by_a_noted_digest_alone(case: Case) -> None:
    noted = await case.log.newest_seal(case.tenant.id)
    assert noted
    assert (await case.verify(noted.digest)).noted == {noted.digest}
    await case.tamper(
        "delete from activity where workspace_id = %(w)s and number > 4",
        "delete from activity_seals where workspace_id = %(w)s and number > 1",
        "update activity_heads set number = 4 where workspace_id = %(w)s",
    )
    cut = await case.verify(noted.digest)
    assert (cut.faults, cut.noted) == ([], set())
    await a_service(case.stores, case.tenant)
    await case.seal()
    assert (await case.verify(noted.digest)).noted == set()


async def test_the_activity_of_a_deleted_workspace_is_verified(case: Case) -> None:
    await case.tamper("update activity set type = 'x.y' ONE")
    async with await psycopg.AsyncConnection.connect(case.url) as connection:
        await connection.execute("delete from workspaces where id = %s", [case.tenant.id])
    found = [each async for each in VerifyActivity(case.log)() if each.workspace.id == case.tenant.id]
    assert [(each.workspace.handle, list(map(str, each.faults))) for each in found] == [(None, ["row 7 was changed"])]
