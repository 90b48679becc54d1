from dataclasses import replace

from typing_extensions import override

from adapters.memory.store import MemoryStore
from adapters.memory.table import Transaction
from application.ports.clock import Clock
from application.ports.identity import Credentials, Users
from domain.activity import Event
from domain.errors import NotFound
from domain.identity import Credential, User
from domain.ids import ConversationId, UserId


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
    async def revoke_all(self, conversation_id: ConversationId) -> None:
        for credential in self._transaction.all(self._credentials):
            if credential.conversation_id == conversation_id and credential.revoked_at is None:
                await self._transaction.update(self._credentials, replace(credential, revoked_at=self._clock.now()))
