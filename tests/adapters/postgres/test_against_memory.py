from collections.abc import Sequence

from hypothesis import given, settings

from tests.adapters.memory.conftest import memory_stores
from tests.contracts.histories import Command, History, histories
from tests.contracts.stores import Stores


@settings(max_examples=max(25, settings().max_examples // 2))
@given(histories())
async def test_postgres_and_memory_agree_on_any_history(stores: Stores, commands: Sequence[Command]) -> None:
    await History(stores, memory_stores()).live(commands)
