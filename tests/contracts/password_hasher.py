"""What every password hasher promises. A test class per adapter inherits the contract and overrides its fixture."""

import asyncio

import pytest

from application.ports.password_hasher import PasswordHasher

PASSWORD = "a horse of the night, with ümlauts 🐎"


class PasswordHasherContract:
    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        raise NotImplementedError

    async def test_a_password_is_that_of_its_hash_and_no_other_is(self, hasher: PasswordHasher) -> None:
        stored = await hasher.hash(PASSWORD)
        assert await hasher.verify(PASSWORD, stored)
        for other in (PASSWORD + " ", PASSWORD[:-1], PASSWORD.upper(), ""):
            assert not await hasher.verify(other, stored)

    async def test_the_hash_does_not_show_the_password_and_is_another_each_time(self, hasher: PasswordHasher) -> None:
        first, second = await hasher.hash(PASSWORD), await hasher.hash(PASSWORD)
        assert first != second
        assert "horse" not in first

    async def test_nobody_is_let_in_where_nothing_is_stored(self, hasher: PasswordHasher) -> None:
        assert not await hasher.verify(PASSWORD, None)
        assert not await hasher.verify("", None)

    @pytest.mark.parametrize("stored", ["", "plain", "$argon2id$broken", "memory$1$", "ünknown$1$x$y"])
    async def test_what_no_hasher_made_lets_nobody_in(self, hasher: PasswordHasher, stored: str) -> None:
        assert not await hasher.verify(PASSWORD, stored)
        assert not await hasher.verify(stored, stored)

    @pytest.mark.parametrize("password", ["\ud800", "\x00", "a" * 100_000])
    async def test_whatever_is_tried_is_wrong_and_no_error(self, hasher: PasswordHasher, password: str) -> None:
        assert not await hasher.verify(password, await hasher.hash(PASSWORD))
        assert not await hasher.verify(password, None)

    async def test_a_fresh_hash_needs_no_other(self, hasher: PasswordHasher) -> None:
        assert not hasher.needs_rehash(await hasher.hash(PASSWORD))

    async def test_what_was_made_otherwise_needs_a_fresh_one(self, hasher: PasswordHasher) -> None:
        assert hasher.needs_rehash("pbkdf2$1000$salt$hash")

    async def test_many_are_verified_at_once(self, hasher: PasswordHasher) -> None:
        stored = await hasher.hash(PASSWORD)
        tried = [PASSWORD if number % 2 else "wrong password" for number in range(10)]
        found = await asyncio.gather(*(hasher.verify(password, stored) for password in tried))
        assert found == [bool(number % 2) for number in range(10)]
