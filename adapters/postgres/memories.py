from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    DateTime,
    Integer,
    Uuid,
    any_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.pages import newest_first, page_of_newest, place
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Database, Queries, Statement, constant, only
from adapters.postgres.tables import memories, memory_policies, memory_versions, workspaces
from adapters.postgres.types import json
from application.ports.memories import (
    Memories,
    MemoryFilter,
    MemoryPolicies,
    MemoryPolicy,
    MemoryVersionView,
    MemoryView,
    MemoryViews,
)
from domain.activity import Event
from domain.errors import EditConflict, NotFound
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.memories import Memory, MemoryExists, MemoryRetention, Tier
from domain.pages import Page, decode_cursor, page_of

Found = TypeVar("Found")


def _columns(**columns: Any) -> dict[str, Any]:
    return columns


_m = memories.c
MEMORIES = Mapped(Memory, memories)
_live = (_m.deleted_at.is_(None), _m.superseded_by.is_(None))
_COUNTED = frozenset({"access_count", "last_accessed_at"})
_changing = [name for name in MEMORIES.changing if name not in _COUNTED]
_as_read = (_m.id == bindparam("key"), _m.version == bindparam("expected"))

_NAMES = ", ".join(column.name for column in MEMORIES.columns)
# Rows as JSON, since tags are lists of different lengths, of which no array can be made.
_ADD = Statement(
    text(
        f"""
        with added as (
          insert into memories ({_NAMES}) select {_NAMES} from jsonb_populate_recordset(null::memories, :rows)
          on conflict (workspace_id, owner_id, digest) where deleted_at is null and superseded_by is null do nothing
          returning id, version, workspace_id, updated_at
        ), kept as (
          insert into memory_versions (memory_id, version, workspace_id, memory, at)
          select added.id, added.version, added.workspace_id, given.memory, added.updated_at
          from added join (
            select (memory ->> 'id')::uuid as id, memory from jsonb_array_elements(:versions) as memory
          ) as given using (id)
        )
        select id from added
        """  # noqa: S608 (the columns of the table)
    )
    .bindparams(bindparam("rows", type_=json()), bindparam("versions", type_=json()))
    .columns(id=Uuid()),
    only,
)
_ADD_VERSION = Command(insert(memory_versions))
_GET = MEMORIES.by_id()
_LOCK = MEMORIES.by_id(lock=True)
_OF_DIGEST = Statement(
    MEMORIES.select().where(
        _m.workspace_id == bindparam("of_workspace"),
        _m.owner_id == bindparam("of_owner"),
        _m.digest == bindparam("wanted"),
        *_live,
    ),
    MEMORIES.make,
)
_SAVE = Statement(
    update(memories)
    .where(*_as_read)
    .values(version=_m.version + 1)
    .returning(_m.access_count, _m.last_accessed_at, _m.version),
    _columns,
    columns=_changing,
)
_HISTORY = Statement(
    select(memory_versions.c.memory)
    .where(memory_versions.c.memory_id == bindparam("id"))
    .order_by(memory_versions.c.version),
    only,
)
_REMOVE = MEMORIES.removing_version()
# In one order, so that of two who recall the same memories none waits for the other in a circle.
_chosen = (
    select(_m.id)
    .where(_m.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    .order_by(_m.id)
    .with_for_update(key_share=True)
    .cte("chosen")
)
_at = bindparam("at", type_=DateTime(timezone=True))
_RECALLED = Command(
    update(memories)
    .where(_m.id == _chosen.c.id)
    .values(access_count=_m.access_count + 1, last_accessed_at=func.greatest(_m.last_accessed_at, _at))
)


def _after(days: str) -> ColumnElement[Any]:
    return _m.created_at + func.make_interval(0, 0, 0, 0, bindparam(days, type_=Integer()) * 24)


_expiry = case(
    (_m.pinned, None),
    (_m.tier == constant(Tier.PROJECT), _after("project_days")),
    (_m.tier == constant(Tier.TASK), _after("task_days")),
)
_REDATE = Command(
    update(memories)
    .where(
        _m.workspace_id == bindparam("of_workspace"),
        _m.deleted_at.is_(None),
        _m.expires_at.is_distinct_from(_expiry),
    )
    .values(expires_at=_expiry)
)
_REDATE_PASSAGES = Command(
    text(
        """
        update passages set expires_at = memories.expires_at from memories
        where memories.workspace_id = :of_workspace and memories.deleted_at is null
          and passages.workspace_id = memories.workspace_id and passages.kind = 'memory'
          and passages.source_id = memories.id and passages.expires_at is distinct from memories.expires_at
        """
    ).bindparams(bindparam("of_workspace", type_=Uuid()))
)
# Not by the owner alone, for which there is no index: they have something where they belong, or have left memories.
_FORGET_PASSAGES = Command(
    text(
        """
        delete from passages where (owner_id = :of_owner or reader_id = :of_owner) and workspace_id in (
          select workspace_id from members where user_id = :of_owner
          union select workspace_id from memories where owner_id = :of_owner
        )
        """
    ).bindparams(bindparam("of_owner", type_=Uuid()))
)
_FORGET = Command(delete(memories).where(_m.owner_id == bindparam("of_owner")))


class PostgresMemories(Memories):
    """Memories and their versions, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def add(self, memory: Memory, because: Event | None = None) -> None:
        if not await self._stored([memory]):
            raise MemoryExists
        self._changes.explain(because)

    @override
    async def add_all(self, memories: Sequence[Memory]) -> Collection[MemoryId]:
        stored = await self._stored(memories)
        if stored:
            self._changes.explain(None)
        return stored

    @override
    async def get(self, memory_id: MemoryId) -> Memory:
        return _found(await self._queries.one(_GET, id=memory_id))

    @override
    async def lock(self, memory_id: MemoryId) -> Memory:
        return _found(await self._queries.one(_LOCK, id=memory_id))

    @override
    async def of_digest(self, workspace_id: WorkspaceId, owner_id: UserId, digest: bytes) -> Memory | None:
        return await self._queries.one(_OF_DIGEST, of_workspace=workspace_id, of_owner=owner_id, wanted=digest)

    @override
    async def save(self, memory: Memory, because: Event | None = None) -> Memory:
        values = {name: value for name, value in MEMORIES.changes(memory).items() if name not in _COUNTED}
        stored = await self._queries.one(_SAVE, key=memory.id, expected=memory.version, **values)
        if stored is None:
            raise EditConflict
        saved = replace(memory, **stored)
        await self._keep(saved)
        self._changes.explain(because)
        return saved

    @override
    async def history(self, memory_id: MemoryId) -> Sequence[Memory]:
        return await self._queries.all(_HISTORY, id=memory_id)

    @override
    async def remove(self, memory: Memory, because: Event | None = None) -> None:
        if not await self._queries.run(_REMOVE, key=memory.id, expected=memory.version):
            raise EditConflict
        self._changes.explain(because)

    @override
    async def recalled(self, memory_ids: Collection[MemoryId], at: datetime) -> None:
        if memory_ids:
            await self._queries.run(_RECALLED, ids=list(memory_ids), at=at)

    @override
    async def redate(self, workspace_id: WorkspaceId, retention: MemoryRetention) -> None:
        await self._queries.run(
            _REDATE,
            of_workspace=workspace_id,
            project_days=retention.project_days,
            task_days=retention.task_days,
        )
        await self._queries.run(_REDATE_PASSAGES, of_workspace=workspace_id)
        self._changes.explain(None)

    @override
    async def forget(self, owner_id: UserId) -> None:
        await self._queries.run(_FORGET_PASSAGES, of_owner=owner_id)
        await self._queries.run(_FORGET, of_owner=owner_id)
        self._changes.explain(None)

    async def _stored(self, memories: Sequence[Memory]) -> Sequence[MemoryId]:
        rows = [_row(memory) for memory in memories]
        return await self._queries.all(_ADD, rows=rows, versions=list(memories))

    async def _keep(self, memory: Memory) -> None:
        await self._queries.run(
            _ADD_VERSION,
            memory_id=memory.id,
            version=memory.version,
            workspace_id=memory.workspace_id,
            memory=memory,
            at=memory.updated_at,
        )


def _row(memory: Memory) -> dict[str, Any]:
    """The row as JSON, in which bytes are written as PostgreSQL reads them."""
    return {**MEMORIES.values(memory), "digest": f"\\x{memory.digest.hex()}"}


def _policy(*, project_days: int | None, task_days: int | None, version: int | None, **columns: Any) -> MemoryPolicy:
    if version is None:
        return MemoryPolicy(**columns)
    retention = MemoryRetention(project_days=project_days, task_days=task_days)
    return MemoryPolicy(retention=retention, version=version, **columns)


_id: BindParameter[Any] = bindparam("id")
_USE = Statement(select(workspaces.c.id).where(workspaces.c.id == _id).with_for_update(read=True, key_share=True), only)
_CHANGE = Statement(select(workspaces.c.id).where(workspaces.c.id == _id).with_for_update(), only)
_POLICY = Statement(
    select(
        workspaces.c.id.label("workspace_id"),
        workspaces.c.language,
        memory_policies.c.project_days,
        memory_policies.c.task_days,
        memory_policies.c.version,
    )
    .join_from(workspaces, memory_policies, memory_policies.c.workspace_id == workspaces.c.id, isouter=True)
    .where(workspaces.c.id == _id),
    _policy,
)
_insert_policy = upsert(memory_policies)
_SAVE_POLICY = Command(
    _insert_policy.on_conflict_do_update(
        index_elements=[memory_policies.c.workspace_id],
        set_={name: _insert_policy.excluded[name] for name in ("project_days", "task_days", "version")},
    )
)


class PostgresMemoryPolicies(MemoryPolicies):
    """How workspaces keep memories, as rows.

    Who uses a policy locks the row of its workspace as a foreign key does, so that users do not wait for each other,
    and who changes it waits for them. What it is then is asked by a second statement: one alone would wait for the lock
    with a snapshot from before.
    """

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def get(self, workspace_id: WorkspaceId) -> MemoryPolicy:
        await self._queries.one(_USE, id=workspace_id)
        return _found(await self._queries.one(_POLICY, id=workspace_id))

    @override
    async def lock(self, workspace_id: WorkspaceId) -> MemoryPolicy:
        await self._queries.one(_CHANGE, id=workspace_id)
        return _found(await self._queries.one(_POLICY, id=workspace_id))

    @override
    async def save(self, policy: MemoryPolicy, because: Event) -> MemoryPolicy:
        saved = replace(policy, version=policy.version + 1)
        await self._queries.run(
            _SAVE_POLICY,
            workspace_id=saved.workspace_id,
            project_days=saved.retention.project_days,
            task_days=saved.retention.task_days,
            version=saved.version,
        )
        self._changes.explain(because)
        return saved


def _view(**columns: Any) -> MemoryView:
    return MemoryView.of(MEMORIES.make(**columns))


def _version_view(*, memory: Memory) -> MemoryVersionView:
    return MemoryVersionView.of(memory)


_reader = bindparam("reader_id", type_=Uuid())
_WANTED = {
    "tier": _m.tier == bindparam("tier"),
    "tag": bindparam("tag") == any_(_m.tags),
    "shared": _m.shared == bindparam("shared"),
    "q": func.strpos(func.lower(_m.content), func.lower(bindparam("q"))) > 0,
}
_kept = _m.deleted_at.is_(None)
_kept_or_restorable = or_(
    _kept, (_m.owner_id == _reader) & (_m.deleted_at > bindparam("deleted_after", type_=DateTime(timezone=True)))
)


@cache
def _listing(filters: frozenset[str], *, superseded: bool, behind: bool) -> Statement[MemoryView]:
    found = MEMORIES.select().where(
        _m.workspace_id == bindparam("workspace_id"),
        or_(_m.owner_id == _reader, _m.shared),
        _kept_or_restorable if "deleted_after" in filters else _kept,
        *(wanted for name, wanted in _WANTED.items() if name in filters),
    )
    if not superseded:
        found = found.where(_m.superseded_by.is_(None))
    return Statement(newest_first(found, memories, behind=behind), _view)


@cache
def _owned(*, somewhere: bool, behind: bool) -> Statement[MemoryView]:
    found = MEMORIES.select().where(_m.owner_id == bindparam("of_owner"))
    if somewhere:
        found = found.where(_m.workspace_id == bindparam("of_workspace"))
    if behind:
        found = found.where(_m.id > bindparam("after"))
    return Statement(found.order_by(_m.id).limit(bindparam("most")), _view)


@cache
def _versions(*, behind: bool) -> Statement[MemoryVersionView]:
    found = select(memory_versions.c.memory).where(memory_versions.c.memory_id == bindparam("of_memory"))
    if behind:
        found = found.where(memory_versions.c.version < bindparam("before"))
    return Statement(found.order_by(memory_versions.c.version.desc()).limit(bindparam("most")), _version_view)


_VIEW = Statement(MEMORIES.select().where(_m.id == bindparam("id")), _view)
_SEVERAL = Statement(MEMORIES.select().where(_m.id == any_(bindparam("ids", type_=ARRAY(Uuid())))), _view)


class PostgresMemoryViews(MemoryViews):
    """Memories, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def memory(self, memory_id: MemoryId) -> MemoryView | None:
        return await self._database.one(_VIEW, id=memory_id)

    @override
    async def several(self, memory_ids: Collection[MemoryId]) -> Sequence[MemoryView]:
        return await self._database.all(_SEVERAL, ids=list(memory_ids)) if memory_ids else []

    @override
    async def memories(
        self, workspace_id: WorkspaceId, only: MemoryFilter, cursor: str | None, limit: int
    ) -> Page[MemoryView]:
        given = {field.name: getattr(only, field.name) for field in fields(only) if field.name != "superseded"}
        given = {name: value for name, value in given.items() if value is not None}
        listing = _listing(frozenset(given), superseded=only.superseded, behind=cursor is not None)
        found = await self._database.all(listing, workspace_id=workspace_id, **given, **place(cursor, limit))
        return page_of_newest(found, limit)

    @override
    async def versions(self, memory_id: MemoryId, cursor: str | None, limit: int) -> Page[MemoryVersionView]:
        given: dict[str, Any] = {}
        if cursor is not None:
            (given["before"],) = decode_cursor(cursor, int)
        listing = _versions(behind=cursor is not None)
        found = await self._database.all(listing, of_memory=memory_id, most=limit + 1, **given)
        return page_of(found, limit, lambda version: (version.number,))

    @override
    async def owned(
        self, owner_id: UserId, workspace_id: WorkspaceId | None, after: MemoryId | None, limit: int
    ) -> Sequence[MemoryView]:
        given = {"of_workspace": workspace_id, "after": after}
        given = {name: value for name, value in given.items() if value is not None}
        listing = _owned(somewhere=workspace_id is not None, behind=after is not None)
        return await self._database.all(listing, of_owner=owner_id, most=limit, **given)

    @override
    async def policy(self, workspace_id: WorkspaceId) -> MemoryPolicy | None:
        return await self._database.one(_POLICY, id=workspace_id)


def _found(found: Found | None) -> Found:
    if found is None:
        raise NotFound
    return found
