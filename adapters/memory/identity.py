from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from adapters.memory.store import MemoryStore
from adapters.memory.table import Transaction
from application.ports.clock import Clock
from application.ports.identity import Credentials, Users
from domain.activity import Event
from domain.errors import NotFound
from domain.identity import Credential, CredentialKind, User
from domain.ids import UserId


class MemoryUsers(Users):
    """Users within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._users = store.users
        self._transaction = transaction

    @override
    async def add(self, user: User) -> None:
        await self._transaction.insert(self._users, user)

    @override
    async def get(self, user_id: UserId) -> User:
        user = self._transaction.get(self._users, user_id)
        if user is None:
            raise NotFound
        return user

    @override
    async def by_email(self, email: str) -> User | None:
        users = self._transaction.all(self._users)
        return next((user for user in users if user.email == email.lower()), None)


class MemoryCredentials(Credentials):
    """Credentials within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction, clock: Clock) -> None:
        self._credentials = store.credentials
        self._transaction = transaction
        self._clock = clock

    @override
    async def add(self, credential: Credential, because: Event | None = None) -> None:
        self._transaction.explain(because)
        await self._transaction.insert(self._credentials, credential)

    @override
    async def revoke_named(self, user_id: UserId, name: str) -> int:
        now = self._clock.now()
        keys = [found for found in self._transaction.all(self._credentials) if _is_key(found, user_id, name, now)]
        for key in keys:
            await self._transaction.update(self._credentials, replace(key, revoked_at=now))
        if keys:
            self._transaction.explain(None)
        return len(keys)


def _is_key(credential: Credential, user_id: UserId, name: str, at: datetime) -> bool:
    """Whether it is the user's key of this name, and opens something."""
    named = (credential.kind, credential.user_id, credential.name) == (CredentialKind.KEY, user_id, name)
    expired = credential.expires_at is not None and credential.expires_at <= at
    return named and credential.revoked_at is None and not expired
