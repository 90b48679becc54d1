from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from typing_extensions import override

from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Database, Statement
from adapters.postgres.tables import credentials, members, users, workspaces
from application.ports.clock import Clock
from application.ports.token_verifier import TokenVerifier
from domain.access import Caller, Role
from domain.actors import Actor, ActorType
from domain.errors import Unauthenticated
from domain.identity import Credential, CredentialKind, Token
from domain.ids import CredentialId, WorkspaceId


@dataclass(frozen=True, slots=True)
class _Found:
    """A credential with what it opens."""

    credential: Credential
    active: bool
    user_name: str | None
    roles: Mapping[str, str] | None

    def caller(self) -> Caller | None:
        conversation_id, user_id = self.credential.conversation_id, self.credential.user_id
        if conversation_id is not None:
            actor = Actor(ActorType.VISITOR, conversation_id, "Visitor")
            return Caller(actor=actor, conversation_id=conversation_id, may_speak=self.active)
        if user_id is None or self.user_name is None:
            return None
        roles = {WorkspaceId(UUID(workspace_id)): Role(role) for workspace_id, role in (self.roles or {}).items()}
        return Caller(actor=Actor(ActorType.USER, user_id, self.user_name), roles=roles)


_CREDENTIALS = Mapped(Credential, credentials)


def _found(*, active: bool, user_name: str | None, roles: Mapping[str, str] | None, **columns: Any) -> _Found:
    return _Found(_CREDENTIALS.make(**columns), active, user_name, roles)


_roles = (
    select(func.jsonb_object_agg(members.c.workspace_id, members.c.role))
    .where(members.c.user_id == credentials.c.user_id)
    .scalar_subquery()
)
_FIND = Statement(
    select(*_CREDENTIALS.columns, workspaces.c.active, users.c.name.label("user_name"), _roles.label("roles"))
    .join_from(credentials, workspaces, workspaces.c.id == credentials.c.workspace_id)
    .join(users, users.c.id == credentials.c.user_id, isouter=True)
    .where(credentials.c.id == bindparam("id")),
    _found,
)
_NOBODY = _Found(
    Credential(
        id=CredentialId(UUID(int=0)),
        kind=CredentialKind.KEY,
        digest=bytes(32),
        workspace_id=WorkspaceId(UUID(int=0)),
        created_at=datetime.min.replace(tzinfo=UTC),
    ),
    active=False,
    user_name=None,
    roles=None,
)
"""Compared with a token whose id is unknown, so that it takes the time of a wrong secret."""


class PostgresTokenVerifier(TokenVerifier):
    """Knows the credentials of its database; a token costs one statement."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @override
    async def verify(self, token: str) -> Caller:
        parsed = Token.parse(token)
        if parsed is None:
            raise Unauthenticated
        found = await self._database.one(_FIND, id=parsed.id) or _NOBODY
        caller = found.caller()
        if not found.credential.opens_with(parsed, self._clock.now()) or caller is None:
            raise Unauthenticated
        return caller
