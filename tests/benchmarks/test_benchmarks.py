from pathlib import Path

import pytest

from entrypoints.supervisor.embedded import Urls
from tests.benchmarks.groups import GROUPS
from tests.benchmarks.scale import TINY
from tests.benchmarks.stage import staged
from tests.benchmarks.table import table
from tests.databases import new_database


@pytest.mark.parametrize("group", GROUPS)
async def test_a_group_measures_all_of_its_rows(group: str, servers: Urls, tmp_path: Path) -> None:
    # In a database of its own: the queues beside ours make tables.
    async with new_database(servers) as database_url, staged(TINY, database_url, servers.redis, tmp_path) as stage:
        rows = await GROUPS[group].measure(stage)
    assert all(row.ours for row in rows)
    told = table(rows)
    assert len(told.splitlines()) == len(rows) + 2, told
