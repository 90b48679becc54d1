from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import DateTime, Uuid, and_, any_, bindparam, or_, select, text
from typing_extensions import override

from adapters.postgres.memories import MEMORIES
from adapters.postgres.statements import Command, Database, Queries, Statement, constant
from adapters.postgres.tables import memories, memory_profiles
from application.ports.memory_profiles import MemoryProfiles, MemoryProfileView, MemoryProfileViews
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.memories import CONSIDERED, RECENT, Memory, MemoryProfile, ProfileLine, Tier, is_recent

_p = memory_profiles.c
_m = memories.c
_of_owner = (_p.workspace_id == bindparam("of_workspace"), _p.owner_id == bindparam("of_owner"))
_OUTDATE = Command(
    text(
        """
        insert into memory_profiles (workspace_id, owner_id, stable, recent, stale_since)
        values (:of_workspace, :of_owner, '{}', '{}', :at)
        on conflict (workspace_id, owner_id)
        do update set stale_since = coalesce(memory_profiles.stale_since, excluded.stale_since)
        """
    ).bindparams(
        bindparam("of_workspace", type_=Uuid()),
        bindparam("of_owner", type_=Uuid()),
        bindparam("at", type_=DateTime(timezone=True)),
    )
)
_LOCK = Command(select(_p.owner_id).where(*_of_owner).with_for_update(key_share=True))
_SAVE = Command(
    memory_profiles.update().where(*_of_owner).values(stale_since=None), columns=("stable", "recent", "updated_at")
)
_at = bindparam("at", type_=DateTime(timezone=True))
_living = (_m.deleted_at.is_(None), _m.superseded_by.is_(None), or_(_m.expires_at.is_(None), _m.expires_at > _at))
_newest = (_m.created_at.desc(), _m.id.desc())
_owned = (
    MEMORIES.select()
    .where(_m.workspace_id == bindparam("of_workspace"), _m.owner_id == bindparam("of_owner"), *_living)
    .limit(CONSIDERED)
)
_STABLE = Statement(
    _owned.where(_m.tier == constant(Tier.PERSONAL)).order_by(_m.pinned.desc(), _m.access_count.desc(), *_newest),
    MEMORIES.make,
)
_RECENT = Statement(
    _owned.where(_m.created_at > bindparam("since", type_=DateTime(timezone=True))).order_by(*_newest), MEMORIES.make
)


class PostgresMemoryProfiles(MemoryProfiles):
    """Standing profiles, as rows."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    @override
    async def outdate(self, workspace_id: WorkspaceId, owner_id: UserId, at: datetime) -> None:
        await self._queries.run(_OUTDATE, of_workspace=workspace_id, of_owner=owner_id, at=at)

    @override
    async def candidates(self, workspace_id: WorkspaceId, owner_id: UserId, at: datetime) -> Sequence[Memory]:
        await self._queries.run(_LOCK, of_workspace=workspace_id, of_owner=owner_id)
        stable = await self._queries.all(_STABLE, of_workspace=workspace_id, of_owner=owner_id, at=at)
        since = at - RECENT
        recent = await self._queries.all(_RECENT, of_workspace=workspace_id, of_owner=owner_id, at=at, since=since)
        return list({memory.id: memory for memory in (*stable, *recent)}.values())

    @override
    async def save(self, workspace_id: WorkspaceId, owner_id: UserId, profile: MemoryProfile, at: datetime) -> None:
        await self._queries.run(
            _SAVE,
            of_workspace=workspace_id,
            of_owner=owner_id,
            stable=[line.memory_id for line in profile.stable],
            recent=[line.memory_id for line in profile.recent],
            updated_at=at,
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """A profile beside one of its memories, if it has any."""

    stable: Sequence[MemoryId]
    recent: Sequence[MemoryId]
    updated_at: datetime | None
    id: MemoryId | None
    content: str | None
    created_at: datetime | None


_PROFILE = Statement(
    select(_p.stable, _p.recent, _p.updated_at, _m.id, _m.content, _m.created_at)
    .join_from(
        memory_profiles,
        memories,
        and_(_m.id == any_(_p.stable.concat(_p.recent)), _m.owner_id == _p.owner_id, *_living),
        isouter=True,
    )
    .where(*_of_owner),
    _Row,
)


class PostgresMemoryProfileViews(MemoryProfileViews):
    """Standing profiles, straight from their rows and those of their memories."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def profile(self, workspace_id: WorkspaceId, owner_id: UserId, at: datetime) -> MemoryProfileView:
        rows = await self._database.all(_PROFILE, of_workspace=workspace_id, of_owner=owner_id, at=at)
        if not rows:
            return MemoryProfileView(stable=(), recent=(), updated_at=None)
        there = {row.id: row for row in rows if row.id}
        recent = [each for each in rows[0].recent if each in there and is_recent(there[each].created_at or at, at)]
        profile = MemoryProfile.of(stable=_lines(rows[0].stable, there), recent=_lines(recent, there))
        return MemoryProfileView(stable=profile.stable, recent=profile.recent, updated_at=rows[0].updated_at)


def _lines(memory_ids: Sequence[MemoryId], there: dict[MemoryId, _Row]) -> Iterable[ProfileLine]:
    return [ProfileLine.of(each, there[each].content or "") for each in memory_ids if each in there]
