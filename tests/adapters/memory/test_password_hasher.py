import pytest
from typing_extensions import override

from adapters.memory.password_hasher import MemoryPasswordHasher
from application.ports.password_hasher import PasswordHasher
from tests.contracts.password_hasher import PasswordHasherContract


class TestMemoryPasswordHasher(PasswordHasherContract):
    @pytest.fixture
    @override
    def hasher(self) -> PasswordHasher:
        return MemoryPasswordHasher()


async def test_a_hash_is_counted_whether_or_not_one_is_stored() -> None:
    hasher = MemoryPasswordHasher()
    stored = await hasher.hash("password of somebody")
    counts = list[int]()
    for each in (stored, None, "nonsense"):
        before = hasher.done
        await hasher.verify("another password", each)
        counts.append(hasher.done - before)

    assert counts == [1, 1, 1]
