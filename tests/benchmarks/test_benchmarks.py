from pathlib import Path

import pytest

from tests.benchmarks.groups import GROUPS
from tests.benchmarks.scale import TINY
from tests.benchmarks.stage import staged
from tests.benchmarks.table import table


@pytest.mark.parametrize("group", GROUPS)
async def test_a_group_measures_all_of_its_rows(
    group: str, database_url: str, redis_address: str, tmp_path: Path
) -> None:
    async with staged(TINY, database_url, redis_address, tmp_path) as stage:
        rows = await GROUPS[group].measure(stage)
    assert all(row.ours for row in rows)
    told = table(rows)
    assert len(told.splitlines()) == len(rows) + 2, told
