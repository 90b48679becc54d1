"""What signing up and in costs, whether there is such a user or not: the same statements, and the same hashes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest

from adapters.memory.one_time_passwords import MemoryOneTimePasswords
from adapters.memory.password_hasher import MemoryPasswordHasher
from adapters.memory.rate_limiter import MemoryRateLimiter
from adapters.memory.secret_box import MemorySecretBox
from adapters.postgres.pool import open_pool
from adapters.postgres.statements import Database
from application.identity.begin_sign_up import BeginSignUp, SignUpCommand
from application.identity.forgot_password import ForgotPassword
from application.identity.second_factor_codes import SecondFactorCodes
from application.identity.sign_in import SignIn, SignInCommand
from application.identity.sign_in_limit import SignInLimit
from domain.identity import BadCredentials, Login, SessionLife, SignUp
from tests.adapters.postgres.conftest import stores_of
from tests.adapters.postgres.test_statement_counts import SENT, CountedConnection
from tests.contracts.examples import a_tenant, later
from tests.contracts.stores import Stores

PASSWORD = "a rather long password"


@dataclass(frozen=True, slots=True)
class Door:
    stores: Stores
    hasher: MemoryPasswordHasher
    limit: SignInLimit
    box: MemorySecretBox

    async def signs_up(self, email: str) -> None:
        begin = BeginSignUp(self.stores.begin, self.hasher, self.box, self.limit, SignUp.OPEN, self.stores.clock)
        await begin(SignUpCommand(email=email, password=PASSWORD, name="Ada"))

    async def forgets(self, email: str) -> None:
        await ForgotPassword(self.stores.begin, self.box, self.limit, self.stores.clock)(email, None)

    async def signs_in(self, email: str, password: str = "not the password") -> None:  # noqa: S107 (an example)
        sign_in = SignIn(
            begin=self.stores.begin,
            accounts=self.stores.accounts,
            hasher=self.hasher,
            codes=SecondFactorCodes(MemoryOneTimePasswords(), self.box, self.limit),
            limit=self.limit,
            life=SessionLife(),
            clock=self.stores.clock,
        )
        await sign_in(SignInCommand(email=email, password=password))

    async def is_refused(self, email: str) -> None:
        with pytest.raises(BadCredentials):
            await self.signs_in(email)

    async def cost(self, does: Callable[[str], Awaitable[None]], email: str) -> tuple[list[str], int]:
        """The first words of the statements, and the number of hashes."""
        SENT.clear()
        before = self.hasher.done
        await does(email)
        return list(SENT), self.hasher.done - before


@pytest.fixture(scope="module")
async def door(database_url: str) -> AsyncIterator[Door]:
    async with open_pool(database_url, 4, connection_class=CountedConnection) as pool:
        limit = SignInLimit(MemoryRateLimiter(), None)
        yield Door(stores_of(Database(pool)), MemoryPasswordHasher(), limit, MemorySecretBox())


@pytest.fixture
async def emails(door: Door) -> dict[str, str]:
    """Of a user, of one who never set a password, of one who may not sign in, and of nobody."""
    known, bare, gone = [(await a_tenant(door.stores)).user for _ in range(3)]
    for user in (known, gone):
        password_hash = await door.hasher.hash(PASSWORD)
        async with door.stores.begin() as work:
            await work.logins.put(Login(user_id=user.id, password_hash=password_hash, changed_at=later(door.stores)))
            await work.commit(None)
    users = {"known": known, "bare": bare, "gone": gone}
    return {**{name: user.email or "" for name, user in users.items()}, "unknown": f"{uuid4().hex}@example.com"}


async def test_a_refused_sign_in_costs_one_statement_and_one_hash(door: Door, emails: dict[str, str]) -> None:
    costs = {name: await door.cost(door.is_refused, email) for name, email in emails.items()}
    assert costs == dict.fromkeys(emails, (["SELECT"], 1))


async def test_signing_up_costs_two_rows_and_one_hash(door: Door, emails: dict[str, str]) -> None:
    costs = {name: await door.cost(door.signs_up, email) for name, email in emails.items()}
    assert costs == dict.fromkeys(emails, (["BEGIN", "INSERT", "INSERT", "END"], 1))


async def test_asking_for_recovery_costs_one_row_and_no_hash(door: Door, emails: dict[str, str]) -> None:
    costs = {name: await door.cost(door.forgets, email) for name, email in emails.items()}
    assert costs == dict.fromkeys(emails, (["BEGIN", "INSERT", "END"], 0))


async def test_signing_in_costs_a_look_one_hash_and_a_transaction_of_six(door: Door, emails: dict[str, str]) -> None:
    spent = await door.cost(lambda email: door.signs_in(email, PASSWORD), emails["known"])
    # the user with their login; then locked, login, user, where it is told, session, activity
    assert spent == (["SELECT", "BEGIN", "SELECT", "SELECT", "SELECT", "SELECT", "INSERT", "with", "END"], 1)
