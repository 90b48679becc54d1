from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Text, and_, any_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Queries, Statement, constant, only
from adapters.postgres.tables import credentials, identities, users
from application.ports.identity import Credentials, Identities, Users
from domain.activity import Event
from domain.errors import EditConflict, NotFound
from domain.identity import Credential, CredentialKind, IdentityLink, User
from domain.ids import CredentialId, UserId, WorkspaceId

_USERS = Mapped(User, users)
_ADD_USER = _USERS.inserting()
_USER = _USERS.by_id()
_BY_EMAIL = Statement(_USERS.select().where(users.c.email == bindparam("email")), _USERS.make)
_SAVE_USER = _USERS.replacing_version()
_ADMINISTRATORS = Statement(
    select(users.c.id).where(users.c.administrator, users.c.deactivated_at.is_(None), users.c.deleted_at.is_(None)),
    only,
)
_LINKS = Mapped(IdentityLink, identities)
_named = and_(identities.c.issuer == bindparam("issuer"), identities.c.subject == bindparam("subject"))
# A row that is not there yet cannot be locked.
_LOCK_NAMED = Command(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("named", type_=Text()), 0))))
_LINK = Statement(_LINKS.select().where(_named), _LINKS.make)
_LINKS_OF = Statement(
    _LINKS.select().where(identities.c.user_id == bindparam("user_id")).order_by(identities.c.created_at), _LINKS.make
)
_insert_link = insert(identities)
_PUT_LINK = Command(
    _insert_link.on_conflict_do_update(
        index_elements=["issuer", "subject"],
        set_={"user_id": _insert_link.excluded.user_id, "told_at": _insert_link.excluded.told_at},
    ),
    columns=[column.name for column in _LINKS.columns],
)
_CREDENTIALS = Mapped(Credential, credentials)
_ADD_CREDENTIAL = _CREDENTIALS.inserting()
_LOCK_CREDENTIAL = _CREDENTIALS.by_id(lock=True)
_SAVE_CREDENTIAL = _CREDENTIALS.replacing()
_holds = and_(
    credentials.c.revoked_at.is_(None),
    or_(credentials.c.expires_at.is_(None), credentials.c.expires_at > bindparam("now")),
)
_REVOKE_NAMED = Command(
    update(credentials)
    .where(
        credentials.c.user_id == bindparam("of_user"),
        credentials.c.name == bindparam("of_name"),
        credentials.c.kind == constant(CredentialKind.KEY),
        _holds,
    )
    .values(revoked_at=bindparam("now"))
)


def _revoke_all(*, in_workspace: bool) -> Statement[CredentialId]:
    construct = update(credentials).where(
        credentials.c.user_id == bindparam("of_user"),
        credentials.c.kind == any_(bindparam("kinds", type_=ARRAY(Text()))),
        credentials.c.id.is_distinct_from(bindparam("but")),
        _holds,
    )
    if in_workspace:
        construct = construct.where(credentials.c.workspace_id == bindparam("in_workspace"))
    return Statement(construct.values(revoked_at=bindparam("now")).returning(credentials.c.id), only)


_REVOKE_ALL = {in_workspace: _revoke_all(in_workspace=in_workspace) for in_workspace in (False, True)}


class PostgresUsers(Users):
    """Users, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

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

    @override
    async def lock_administrators(self) -> set[UserId]:
        await self._queries.run(_LOCK_NAMED, named="administrators")
        return set(await self._queries.all(_ADMINISTRATORS))

    @override
    async def save(self, user: User, because: Event | None = None) -> User:
        changes = _USERS.changes(user)
        if not await self._queries.run(_SAVE_USER, key=user.id, expected=user.version, **changes):
            raise EditConflict
        self._changes.explain(because)
        return replace(user, version=user.version + 1)


class PostgresIdentities(Identities):
    """Links, as rows."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    @override
    async def lock(self, issuer: str, subject: str) -> IdentityLink | None:
        await self._queries.run(_LOCK_NAMED, named=f"{issuer}\n{subject}")
        return await self._queries.one(_LINK, issuer=issuer, subject=subject)

    @override
    async def put(self, link: IdentityLink) -> None:
        await self._queries.run(_PUT_LINK, **_LINKS.values(link))

    @override
    async def of_user(self, user_id: UserId) -> list[IdentityLink]:
        return await self._queries.all(_LINKS_OF, user_id=user_id)


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
    async def lock(self, credential_id: CredentialId) -> Credential:
        credential = await self._queries.one(_LOCK_CREDENTIAL, id=credential_id)
        if credential is None:
            raise NotFound
        return credential

    @override
    async def save(self, credential: Credential, because: Event | None = None) -> None:
        await self._queries.run(_SAVE_CREDENTIAL, key=credential.id, **_CREDENTIALS.changes(credential))
        self._changes.explain(because)

    @override
    async def revoke_named(self, user_id: UserId, name: str, at: datetime) -> int:
        revoked = await self._queries.run(_REVOKE_NAMED, of_user=user_id, of_name=name, now=at)
        if revoked:
            self._changes.explain(None)
        return revoked

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
        given: dict[str, Any] = {} if workspace_id is None else {"in_workspace": workspace_id}
        revoked = await self._queries.all(
            _REVOKE_ALL[workspace_id is not None], of_user=user_id, kinds=list(kinds), now=at, but=but, **given
        )
        if revoked:
            self._changes.explain(None)
        return revoked
