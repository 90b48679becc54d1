from sqlalchemy import bindparam, func, or_, update
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Queries, Statement, constant
from adapters.postgres.tables import credentials, users
from application.ports.identity import Credentials, Users
from domain.activity import Event
from domain.errors import NotFound
from domain.identity import Credential, CredentialKind, User
from domain.ids import UserId

_USERS = Mapped(User, users)
_ADD_USER = _USERS.inserting()
_USER = _USERS.by_id()
_BY_EMAIL = Statement(_USERS.select().where(users.c.email == bindparam("email")), _USERS.make)
_CREDENTIALS = Mapped(Credential, credentials)
_ADD_CREDENTIAL = _CREDENTIALS.inserting()
_REVOKE_NAMED = Command(
    update(credentials)
    .where(
        credentials.c.user_id == bindparam("of_user"),
        credentials.c.name == bindparam("of_name"),
        credentials.c.kind == constant(CredentialKind.KEY),
        credentials.c.revoked_at.is_(None),
        or_(credentials.c.expires_at.is_(None), credentials.c.expires_at > func.now()),
    )
    .values(revoked_at=func.now())
)


class PostgresUsers(Users):
    """Users, as rows."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    @override
    async def add(self, user: User) -> None:
        await self._queries.run(_ADD_USER, **_USERS.values(user))

    @override
    async def get(self, user_id: UserId) -> User:
        user = await self._queries.one(_USER, id=user_id)
        if user is None:
            raise NotFound
        return user

    @override
    async def by_email(self, email: str) -> User | None:
        return await self._queries.one(_BY_EMAIL, email=email.lower())


class PostgresCredentials(Credentials):
    """Credentials, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def add(self, credential: Credential, because: Event | None = None) -> None:
        await self._queries.run(_ADD_CREDENTIAL, **_CREDENTIALS.values(credential))
        self._changes.explain(because)

    @override
    async def revoke_named(self, user_id: UserId, name: str) -> int:
        revoked = await self._queries.run(_REVOKE_NAMED, of_user=user_id, of_name=name)
        if revoked:
            self._changes.explain(None)
        return revoked
