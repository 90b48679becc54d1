from sqlalchemy import bindparam, func, update
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Queries, Statement
from adapters.postgres.tables import credentials, users
from application.ports.identity import Credentials, Users
from domain.activity import Event
from domain.errors import NotFound
from domain.identity import Credential, User
from domain.ids import ConversationId, UserId

_USERS = Mapped(User, users)
_ADD_USER = _USERS.inserting()
_USER = _USERS.by_id()
_BY_EMAIL = Statement(_USERS.select().where(users.c.email == bindparam("email")), _USERS.make)
_CREDENTIALS = Mapped(Credential, credentials)
_ADD_CREDENTIAL = _CREDENTIALS.inserting()
_REVOKE_ALL = Command(
    update(credentials)
    .where(credentials.c.conversation_id == bindparam("of"), credentials.c.revoked_at.is_(None))
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
    async def revoke_all(self, conversation_id: ConversationId) -> None:
        await self._queries.run(_REVOKE_ALL, of=conversation_id)
