from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, DateTime, Interval, bindparam, case, func, or_, select, update
from typing_extensions import override

from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Database, Statement
from adapters.postgres.tables import credentials, identities, members, users, workspaces
from application.ports.callers import Callers
from application.ports.clock import Clock
from domain.access import ACCOUNT, ADMINISTRATION, Caller, Grant, Role
from domain.actors import Actor, ActorType
from domain.errors import Unauthenticated
from domain.identity import Credential, CredentialKind, SessionLife, Token, VerifiedIdentity
from domain.ids import CredentialId, UserId, WorkspaceId
from domain.permissions import Permission

_NOTED_EACH = timedelta(minutes=1)
_Roles = Mapping[str, tuple[str, bool]] | None


@dataclass(frozen=True, slots=True)
class _User:
    """A user who may sign in, and where they belong; None where there is none."""

    id: UserId | None
    name: str | None
    administrator: bool | None
    roles: _Roles

    def caller(self, key: frozenset[Permission] | None = None, credential: Credential | None = None) -> Caller | None:
        if self.id is None or self.name is None:
            return None
        own = ADMINISTRATION if self.administrator else ACCOUNT
        if key is not None:
            own = own & key if credential and credential.workspace_id is None else frozenset[Permission]()
        grants = {
            WorkspaceId(UUID(workspace_id)): Grant.of(Role(role), key, suspended=suspended)
            for workspace_id, (role, suspended) in (self.roles or {}).items()
        }
        actor = Actor(ActorType.USER, self.id, self.name)
        return Caller(
            actor=actor,
            grants=grants,
            own=own,
            credential_id=credential.id if credential else None,
            by_key=key is not None,
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """A credential with what it opens."""

    credential: Credential
    active: bool | None
    user: _User

    def caller(self) -> Caller | None:
        conversation_id = self.credential.conversation_id
        if conversation_id is not None:
            actor = Actor(ActorType.VISITOR, conversation_id, "Visitor")
            return Caller(actor=actor, conversation_id=conversation_id, may_speak=self.active is True)
        key = frozenset(self.credential.permissions) if self.credential.kind is CredentialKind.KEY else None
        return self.user.caller(key, self.credential)


_CREDENTIALS = Mapped(Credential, credentials)


def _user(*, found_user: UserId | None, user_name: str | None, administrator: bool | None, roles: _Roles) -> _User:
    return _User(found_user, user_name, administrator, roles)


def _found(
    *,
    active: bool | None,
    found_user: UserId | None,
    user_name: str | None,
    administrator: bool | None,
    roles: _Roles,
    **columns: Any,
) -> _Found:
    return _Found(_CREDENTIALS.make(**columns), active, _User(found_user, user_name, administrator, roles))


_place = workspaces.alias("place")
_role = func.jsonb_build_array(members.c.role, _place.c.suspended_at.is_not(None))
_roles = (
    select(func.jsonb_object_agg(members.c.workspace_id, _role))
    .join_from(members, _place, _place.c.id == members.c.workspace_id)
    .where(members.c.user_id == users.c.id)
)
_may_sign_in = users.c.deactivated_at.is_(None) & users.c.deleted_at.is_(None)
_user_columns = (users.c.id.label("found_user"), users.c.name.label("user_name"), users.c.administrator)
_BY_TOKEN = Statement(
    select(
        *_CREDENTIALS.columns,
        (workspaces.c.active & workspaces.c.suspended_at.is_(None)).label("active"),
        *_user_columns,
        _roles.where(or_(credentials.c.workspace_id.is_(None), members.c.workspace_id == credentials.c.workspace_id))
        .scalar_subquery()
        .label("roles"),
    )
    .join_from(credentials, workspaces, workspaces.c.id == credentials.c.workspace_id, isouter=True)
    .join(users, (users.c.id == credentials.c.user_id) & _may_sign_in, isouter=True)
    .where(credentials.c.id == bindparam("id")),
    _found,
)
_BY_IDENTITY = Statement(
    select(*_user_columns, _roles.scalar_subquery().label("roles"))
    .join_from(identities, users, (users.c.id == identities.c.user_id) & _may_sign_in, isouter=True)
    .where(identities.c.issuer == bindparam("issuer"), identities.c.subject == bindparam("subject")),
    _user,
)
_now: BindParameter[datetime] = bindparam("now", type_=DateTime(timezone=True))
_idle: BindParameter[timedelta] = bindparam("idle", type_=Interval())
_NOTE = Command(
    update(credentials)
    .where(credentials.c.id == bindparam("of_id"))
    .values(
        last_used_at=_now,
        expires_at=case(
            (credentials.c.ends_at.is_(None), credentials.c.expires_at),
            else_=func.least(credentials.c.ends_at, _now + _idle),
        ),
    )
)
_NOBODY = _Found(
    Credential(
        id=CredentialId(UUID(int=0)),
        kind=CredentialKind.KEY,
        digest=bytes(32),
        created_at=datetime.min.replace(tzinfo=UTC),
    ),
    active=False,
    user=_User(None, None, None, None),
)
"""Compared with a token whose id is unknown, so that it takes the time of a wrong secret."""


class PostgresCallers(Callers):
    """Knows the credentials of its database; a token costs one statement, and once a minute another."""

    def __init__(self, database: Database, clock: Clock, life: SessionLife) -> None:
        self._database = database
        self._clock = clock
        self._life = life

    @override
    async def of_token(self, token: str) -> Caller:
        parsed = Token.parse(token)
        if parsed is None:
            raise Unauthenticated
        found = await self._database.one(_BY_TOKEN, id=parsed.id) or _NOBODY
        caller, now = found.caller(), self._clock.now()
        if not found.credential.opens_with(parsed, now) or caller is None:
            raise Unauthenticated
        await self._note(found.credential, now)
        return caller

    @override
    async def of_identity(self, identity: VerifiedIdentity) -> Caller | None:
        found = await self._database.one(_BY_IDENTITY, issuer=identity.issuer, subject=identity.subject)
        caller = found.caller() if found else None
        if found is not None and caller is None:
            raise Unauthenticated
        return caller

    async def _note(self, credential: Credential, now: datetime) -> None:
        used, visitor = credential.last_used_at, credential.kind is CredentialKind.VISITOR
        if not visitor and (used is None or now - used >= _NOTED_EACH):
            await self._database.run(_NOTE, of_id=credential.id, now=now, idle=self._life.idle)
