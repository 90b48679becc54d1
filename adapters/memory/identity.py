from collections.abc import Collection
from datetime import datetime

from typing_extensions import override

from adapters.memory.store import MemoryStore
from adapters.memory.table import Transaction
from application.ports.identity import Credentials, Identities, Users
from domain.activity import Event
from domain.errors import NotFound
from domain.identity import Credential, CredentialKind, IdentityLink, User
from domain.ids import CredentialId, UserId, WorkspaceId


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

    @override
    async def lock_administrators(self) -> set[UserId]:
        await self._transaction.lock("administrators")
        users = self._transaction.all(self._users)
        return {user.id for user in users if user.administrator and user.active}

    @override
    async def save(self, user: User, because: Event | None = None) -> User:
        self._transaction.explain(because)
        return await self._transaction.replace(self._users, user)


class MemoryIdentities(Identities):
    """Links within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._identities = store.identities
        self._transaction = transaction

    @override
    async def lock(self, issuer: str, subject: str) -> IdentityLink | None:
        return await self._transaction.locked(self._identities, (issuer, subject))

    @override
    async def put(self, link: IdentityLink) -> None:
        await self._transaction.put(self._identities, link)

    @override
    async def of_user(self, user_id: UserId) -> list[IdentityLink]:
        found = (link for link in self._transaction.all(self._identities) if link.user_id == user_id)
        return sorted(found, key=lambda link: link.created_at)


class MemoryCredentials(Credentials):
    """Credentials within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._credentials = store.credentials
        self._transaction = transaction

    @override
    async def add(self, credential: Credential, because: Event | None = None) -> None:
        self._transaction.explain(because)
        await self._transaction.insert(self._credentials, credential)

    @override
    async def lock(self, credential_id: CredentialId) -> Credential:
        credential = await self._transaction.locked(self._credentials, credential_id)
        if credential is None:
            raise NotFound
        return credential

    @override
    async def save(self, credential: Credential, because: Event | None = None) -> None:
        self._transaction.explain(because)
        await self._transaction.update(self._credentials, credential)

    @override
    async def revoke_named(self, user_id: UserId, name: str, at: datetime) -> int:
        keys = [key for key in self._holding(user_id, {CredentialKind.KEY}, at) if key.name == name]
        return len(await self._revoke(keys, at))

    @override
    async def revoke_all(
        self,
        user_id: UserId,
        kinds: Collection[CredentialKind],
        at: datetime,
        *,
        workspace_id: WorkspaceId | None = None,
        but: CredentialId | None = None,
    ) -> list[CredentialId]:
        found = (each for each in self._holding(user_id, kinds, at) if each.id != but)
        return await self._revoke(
            [each for each in found if workspace_id is None or each.workspace_id == workspace_id], at
        )

    def _holding(self, user_id: UserId, kinds: Collection[CredentialKind], at: datetime) -> list[Credential]:
        found = self._transaction.all(self._credentials)
        return [each for each in found if each.user_id == user_id and each.kind in kinds and each.holds(at)]

    async def _revoke(self, credentials: list[Credential], at: datetime) -> list[CredentialId]:
        for credential in credentials:
            await self._transaction.update(self._credentials, credential.revoked(at))
        if credentials:
            self._transaction.explain(None)
        return [credential.id for credential in credentials]
