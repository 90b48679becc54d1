from datetime import datetime

from typing_extensions import override

from adapters.memory.pages import newest_first
from adapters.memory.store import MemoryStore
from adapters.memory.table import Transaction
from application.ports.sign_in import (
    Account,
    Accounts,
    Logins,
    OneTimeTokenLog,
    OneTimeTokens,
    SessionLog,
    SessionView,
    SessionViews,
)
from domain.errors import NotFound
from domain.identity import CredentialKind, Login, OneTimeToken, TokenPurpose, User
from domain.ids import OneTimeTokenId, UserId
from domain.pages import Page


class MemoryLogins(Logins):
    """Logins within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._users = store.users
        self._logins = store.logins
        self._transaction = transaction

    @override
    async def lock(self, user_id: UserId) -> Login | None:
        if await self._transaction.locked(self._users, user_id) is None:
            raise NotFound
        return self._transaction.get(self._logins, user_id)

    @override
    async def put(self, login: Login) -> None:
        await self._transaction.put(self._logins, login)

    @override
    async def remove(self, user_id: UserId) -> None:
        await self._transaction.remove(self._logins, user_id)


class MemoryOneTimeTokens(OneTimeTokens):
    """Tokens within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._tokens = store.one_time_tokens
        self._transaction = transaction

    @override
    async def add(self, token: OneTimeToken) -> None:
        await self._transaction.insert(self._tokens, token)

    @override
    async def get(self, token_id: OneTimeTokenId) -> OneTimeToken | None:
        return self._transaction.get(self._tokens, token_id)

    @override
    async def take(self, purpose: TokenPurpose, digest: bytes, at: datetime) -> OneTimeToken | None:
        found = _found(self._transaction.all(self._tokens), purpose, digest, at)
        # Whoever waits for the lock finds it gone, unless the one before gave up.
        if found is None or await self._transaction.locked(self._tokens, found.id) is None:
            return None
        await self._transaction.remove(self._tokens, found.id)
        return found

    @override
    async def remove(self, token_id: OneTimeTokenId) -> None:
        await self._transaction.remove(self._tokens, token_id)

    @override
    async def remove_all(self, email: str) -> int:
        found = [token.id for token in self._transaction.all(self._tokens) if token.email == email.lower()]
        for token_id in found:
            await self._transaction.remove(self._tokens, token_id)
        return len(found)


class MemoryAccounts(Accounts):
    """Committed users and logins."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def by_email(self, email: str) -> Account | None:
        users = self._store.users.rows.values()
        return self._account(next((user for user in users if user.email == email.lower()), None))

    @override
    async def by_id(self, user_id: UserId) -> Account | None:
        return self._account(self._store.users.rows.get(user_id))

    def _account(self, user: User | None) -> Account | None:
        return None if user is None else Account(user=user, login=self._store.logins.rows.get(user.id))


class MemoryOneTimeTokenLog(OneTimeTokenLog):
    """Committed tokens."""

    def __init__(self, store: MemoryStore) -> None:
        self._rows = store.one_time_tokens.rows

    @override
    async def find(self, purpose: TokenPurpose, digest: bytes, at: datetime) -> OneTimeToken | None:
        return _found(list(self._rows.values()), purpose, digest, at)

    @override
    async def purge(self, at: datetime) -> int:
        expired = [token.id for token in self._rows.values() if token.expires_at <= at]
        for token_id in expired:
            del self._rows[token_id]
        return len(expired)


class MemorySessionViews(SessionViews):
    """Committed sessions."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def sessions(self, user_id: UserId, at: datetime, cursor: str | None, limit: int) -> Page[SessionView]:
        sessions = (
            SessionView(
                id=each.id,
                client=each.name,
                created_at=each.created_at,
                last_used_at=each.last_used_at,
                expires_at=each.expires_at,
            )
            for each in self._store.credentials.rows.values()
            if each.kind is CredentialKind.SESSION and each.user_id == user_id and each.expires_at and each.holds(at)
        )
        return newest_first(sessions, cursor, limit)


class MemorySessionLog(SessionLog):
    """Committed sessions."""

    def __init__(self, store: MemoryStore) -> None:
        self._rows = store.credentials.rows

    @override
    async def purge(self, before: datetime) -> int:
        sessions = [each for each in self._rows.values() if each.kind is CredentialKind.SESSION]
        over = [each.id for each in sessions if any(end and end < before for end in (each.expires_at, each.revoked_at))]
        for session_id in over:
            del self._rows[session_id]
        return len(over)


def _found(tokens: list[OneTimeToken], purpose: TokenPurpose, digest: bytes, at: datetime) -> OneTimeToken | None:
    matching = (token for token in tokens if token.purpose is purpose and token.digest == digest)
    return next((token for token in matching if token.expires_at > at), None)
