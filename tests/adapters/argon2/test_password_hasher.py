import asyncio
import threading

import argon2
import pytest
from typing_extensions import override

from adapters.argon2.password_hasher import DUMMY, Argon2PasswordHasher
from application.ports.password_hasher import PasswordHasher
from tests.contracts.password_hasher import PASSWORD, PasswordHasherContract


class TestArgon2PasswordHasher(PasswordHasherContract):
    @pytest.fixture
    @override
    def hasher(self) -> PasswordHasher:
        return Argon2PasswordHasher()


async def test_it_is_argon2id_with_the_costs_that_owasp_demands_at_least() -> None:
    stored = await Argon2PasswordHasher().hash(PASSWORD)
    costs = argon2.extract_parameters(stored)

    assert costs.type is argon2.Type.ID
    assert (costs.memory_cost, costs.time_cost, costs.parallelism) == (19_456, 2, 1)
    assert (costs.salt_len, costs.hash_len) == (16, 32)


async def test_an_unknown_person_costs_the_same_hash_as_a_known_one() -> None:
    stored = await Argon2PasswordHasher().hash(PASSWORD)

    assert argon2.extract_parameters(DUMMY) == argon2.extract_parameters(stored)


@pytest.mark.parametrize(
    "former",
    [
        argon2.PasswordHasher(time_cost=1, memory_cost=19_456, parallelism=1),
        argon2.PasswordHasher(time_cost=2, memory_cost=8_192, parallelism=1),
        argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, hash_len=16),
        argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=argon2.Type.D),
    ],
)
async def test_a_hash_with_other_costs_is_still_verified_and_is_to_be_replaced(former: argon2.PasswordHasher) -> None:
    hasher, stored = Argon2PasswordHasher(), former.hash(PASSWORD)

    assert await hasher.verify(PASSWORD, stored)
    assert hasher.needs_rehash(stored)


async def test_the_loop_runs_on_while_hashes_are_made() -> None:
    hasher, steps = Argon2PasswordHasher(), 0
    hashing = asyncio.gather(*(hasher.hash(PASSWORD) for _ in range(4)))
    while not hashing.done():
        steps += 1
        await asyncio.sleep(0)

    assert steps > 4


async def test_hashes_are_made_in_a_bounded_number_of_threads_however_many_are_asked_for() -> None:
    before = set(threading.enumerate())
    hasher = Argon2PasswordHasher()
    asked = [asyncio.ensure_future(hasher.hash(PASSWORD)) for _ in range(20)]
    await asyncio.sleep(0)
    for each in asked[:15]:
        each.cancel()
    await asyncio.gather(*asked, return_exceptions=True)

    assert 1 <= len(set(threading.enumerate()) - before) <= 4
