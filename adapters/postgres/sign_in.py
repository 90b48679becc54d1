from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from typing_extensions import override

from adapters.postgres.pages import newest_first, page_of_newest, place
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Database, Queries, Statement, constant, only
from adapters.postgres.tables import credentials, logins, one_time_tokens, users
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

_USERS = Mapped(User, users)
_LOGINS = Mapped(Login, logins)
# A row that is not there yet cannot be locked, and the user's always is.
_LOCK_USER = Statement(select(users.c.id).where(users.c.id == bindparam("id")).with_for_update(key_share=True), only)
_LOGIN = _LOGINS.by_id()
_insert = insert(logins)
_names = [column.name for column in _LOGINS.columns]
_PUT = Command(
    _insert.on_conflict_do_update(
        index_elements=["user_id"], set_={name: _insert.excluded[name] for name in _names if name != "user_id"}
    ),
    columns=_names,
)
_REMOVE = Command(delete(logins).where(logins.c.user_id == bindparam("of_user")))

_TOKENS = Mapped(OneTimeToken, one_time_tokens)
_ADD_TOKEN = _TOKENS.inserting()
_TOKEN = _TOKENS.by_id()
_holds = and_(
    one_time_tokens.c.digest == bindparam("digest"),
    one_time_tokens.c.purpose == bindparam("purpose"),
    one_time_tokens.c.expires_at > bindparam("now"),
)
_FIND_TOKEN = Statement(_TOKENS.select().where(_holds), _TOKENS.make)
_TAKE_TOKEN = Statement(delete(one_time_tokens).where(_holds).returning(*_TOKENS.columns), _TOKENS.make)
_REMOVE_TOKEN = Command(delete(one_time_tokens).where(one_time_tokens.c.id == bindparam("of_id")))
_REMOVE_TOKENS = Command(delete(one_time_tokens).where(one_time_tokens.c.email == bindparam("to")))
_PURGE_TOKENS = Command(delete(one_time_tokens).where(one_time_tokens.c.expires_at <= bindparam("now")))


class PostgresLogins(Logins):
    """Logins, as rows."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    @override
    async def lock(self, user_id: UserId) -> Login | None:
        # One statement would see the login as it was before it waited for the lock.
        if await self._queries.one(_LOCK_USER, id=user_id) is None:
            raise NotFound
        return await self._queries.one(_LOGIN, id=user_id)

    @override
    async def put(self, login: Login) -> None:
        await self._queries.run(_PUT, **_LOGINS.values(login))

    @override
    async def remove(self, user_id: UserId) -> None:
        await self._queries.run(_REMOVE, of_user=user_id)


class PostgresOneTimeTokens(OneTimeTokens):
    """Tokens, as rows."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    @override
    async def add(self, token: OneTimeToken) -> None:
        await self._queries.run(_ADD_TOKEN, **_TOKENS.values(token))

    @override
    async def get(self, token_id: OneTimeTokenId) -> OneTimeToken | None:
        return await self._queries.one(_TOKEN, id=token_id)

    @override
    async def take(self, purpose: TokenPurpose, digest: bytes, at: datetime) -> OneTimeToken | None:
        return await self._queries.one(_TAKE_TOKEN, purpose=purpose, digest=digest, now=at)

    @override
    async def remove(self, token_id: OneTimeTokenId) -> None:
        await self._queries.run(_REMOVE_TOKEN, of_id=token_id)

    @override
    async def remove_all(self, email: str) -> int:
        return await self._queries.run(_REMOVE_TOKENS, to=email.lower())


def _account(**columns: Any) -> Account:
    login = {name: columns.pop(f"login_{name}") for name in _names}
    found = None if login["user_id"] is None else _LOGINS.make(**login)
    return Account(user=_USERS.make(**columns), login=found)


_accounts = select(*_USERS.columns, *(column.label(f"login_{column.name}") for column in _LOGINS.columns)).join_from(
    users, logins, logins.c.user_id == users.c.id, isouter=True
)
_BY_EMAIL = Statement(_accounts.where(users.c.email == bindparam("email")), _account)
_BY_ID = Statement(_accounts.where(users.c.id == bindparam("id")), _account)


class PostgresAccounts(Accounts):
    """Users with their logins, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def by_email(self, email: str) -> Account | None:
        return await self._database.one(_BY_EMAIL, email=email.lower())

    @override
    async def by_id(self, user_id: UserId) -> Account | None:
        return await self._database.one(_BY_ID, id=user_id)


class PostgresOneTimeTokenLog(OneTimeTokenLog):
    """Tokens, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def find(self, purpose: TokenPurpose, digest: bytes, at: datetime) -> OneTimeToken | None:
        return await self._database.one(_FIND_TOKEN, purpose=purpose, digest=digest, now=at)

    @override
    async def purge(self, at: datetime) -> int:
        return await self._database.run(_PURGE_TOKENS, now=at)


_session = credentials.c
_PURGE_SESSIONS = Command(
    delete(credentials).where(
        _session.kind == constant(CredentialKind.SESSION),
        or_(_session.expires_at < bindparam("before"), _session.revoked_at < bindparam("before")),
    )
)


@cache
def _sessions(*, behind: bool) -> Statement[SessionView]:
    construct = select(
        _session.id,
        _session.name.label("client"),
        _session.created_at,
        _session.last_used_at,
        _session.expires_at,
    ).where(
        _session.user_id == bindparam("user_id"),
        _session.kind == constant(CredentialKind.SESSION),
        _session.revoked_at.is_(None),
        _session.expires_at > bindparam("now"),
    )
    return Statement(newest_first(construct, credentials, behind=behind), _view)


def _view(**columns: Any) -> SessionView:
    return SessionView(**columns)


class PostgresSessionViews(SessionViews):
    """Sessions, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def sessions(self, user_id: UserId, at: datetime, cursor: str | None, limit: int) -> Page[SessionView]:
        listing = _sessions(behind=cursor is not None)
        found = await self._database.all(listing, user_id=user_id, now=at, **place(cursor, limit))
        return page_of_newest(found, limit)


class PostgresSessionLog(SessionLog):
    """Sessions, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def purge(self, before: datetime) -> int:
        return await self._database.run(_PURGE_SESSIONS, before=before)
