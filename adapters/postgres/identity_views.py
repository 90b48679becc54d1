from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, or_, select
from typing_extensions import override

from adapters.postgres.pages import newest_first, page_of_newest, place
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Database, Statement, constant
from adapters.postgres.tables import credentials, users
from application.ports.identity_views import KeyView, KeyViews, UserViews
from domain.actors import ActorType, named
from domain.identity import CredentialKind, User
from domain.ids import UserId, WorkspaceId
from domain.pages import Page

_USERS = Mapped(User, users)
_USER = Statement(_USERS.select().where(users.c.id == bindparam("id"), users.c.deleted_at.is_(None)), _USERS.make)


def _key_view(*, user_id: UserId, user_name: str, **columns: Any) -> KeyView:
    return KeyView(user=named(ActorType.USER, user_id, user_name), **columns)


_of_key = credentials.c


@cache
def _keys(*, behind: bool) -> Statement[KeyView]:
    construct = (
        select(
            _of_key.id,
            _of_key.workspace_id,
            _of_key.name,
            _of_key.permissions,
            _of_key.user_id,
            users.c.name.label("user_name"),
            _of_key.created_at,
            _of_key.expires_at,
            _of_key.last_used_at,
        )
        .join_from(credentials, users, users.c.id == _of_key.user_id)
        .where(
            _of_key.workspace_id == bindparam("workspace_id"),
            _of_key.kind == constant(CredentialKind.KEY),
            _of_key.revoked_at.is_(None),
            or_(_of_key.expires_at.is_(None), _of_key.expires_at > bindparam("now")),
        )
    )
    return Statement(newest_first(construct, credentials, behind=behind), _key_view)


class PostgresKeyViews(KeyViews):
    """Keys, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def keys(self, workspace_id: WorkspaceId, at: datetime, cursor: str | None, limit: int) -> Page[KeyView]:
        listing = _keys(behind=cursor is not None)
        found = await self._database.all(listing, workspace_id=workspace_id, now=at, **place(cursor, limit))
        return page_of_newest(found, limit)


class PostgresUserViews(UserViews):
    """Users, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def user(self, user_id: UserId) -> User | None:
        return await self._database.one(_USER, id=user_id)
