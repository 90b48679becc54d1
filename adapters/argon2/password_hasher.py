import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import argon2
from argon2.exceptions import InvalidHashError, VerificationError
from typing_extensions import override

from application.ports.password_hasher import PasswordHasher

Result = TypeVar("Result")

# argon2id with 19 MiB, 2 passes and 1 lane: the OWASP Password Storage Cheat Sheet's minimum.
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_MOST_AT_ONCE = 4
DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$ZmxpZ2h0ZGVjay1kdW1teQ$0000000000000000000000000000000000000000000"
"""A hash of no password that anybody knows, with today's costs."""


class Argon2PasswordHasher(PasswordHasher):
    """Argon2id in threads of its own: as many at once as there are cores, and 4 at most, each with 19 MiB.

    The threads are the bound, and not a semaphore: who is cancelled leaves, and the thread's work goes on.
    """

    def __init__(self) -> None:
        at_once = min(os.cpu_count() or 1, _MOST_AT_ONCE)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="passwords")

    @override
    async def hash(self, password: str) -> str:
        return await self._run(lambda: _HASHER.hash(_bytes(password)))

    @override
    async def verify(self, password: str, stored: str | None) -> bool:
        return await self._run(lambda: _verified(_bytes(password), stored))

    @override
    def needs_rehash(self, stored: str) -> bool:
        try:
            return _HASHER.check_needs_rehash(stored)
        except InvalidHashError:
            return True

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _verified(password: bytes, stored: str | None) -> bool:
    try:
        _HASHER.verify(DUMMY if stored is None else stored, password)
    except (InvalidHashError, UnicodeEncodeError):
        return _verified(password, None)
    except VerificationError:
        return False
    return stored is not None


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")  # whatever is sent to sign in is wrong, and no error
