from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from application.knowledge.retrieve import Hit, Retrieve, Retrieved
from application.ports.clock import Clock
from application.ports.memories import MemoryViews
from application.ports.passage_search import Coverage
from domain.access import Caller, Permission
from domain.actors import ActorType
from domain.errors import Fault, Invalid, NotFound
from domain.ids import CollectionId, ConversationId, MemoryId, PassageId, UserId, WorkspaceId
from domain.knowledge import Filters, Scope, SourceKind
from domain.memories import Tier
from domain.text import text

QUERY_LENGTH = 1_000
MOST_HITS = 50
MOST_NAMED = 50
"""How many collections or tags a filter may name."""
_DEFAULT = frozenset({SourceKind.MEMORY, SourceKind.DOCUMENT})
_WANTS = {
    SourceKind.DOCUMENT: Permission.DOCUMENT_READ,
    SourceKind.MEMORY: Permission.MEMORY_READ,
    SourceKind.MESSAGE: Permission.MEMORY_READ,
    SourceKind.VISITOR_MESSAGE: Permission.CONVERSATION_READ,
}
"""What the caller may do who finds this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchCommand:
    """What to look for; an empty set or None leaves a filter out (see `Filters`).

    Attributes:
        kinds: without any, memories and documents, as far as the caller may read them.
    """

    workspace_id: WorkspaceId
    query: str
    scopes: frozenset[Scope] = frozenset()
    kinds: frozenset[SourceKind] = frozenset()
    tiers: frozenset[Tier] = frozenset()
    collections: frozenset[CollectionId] = frozenset()
    tags: frozenset[str] = frozenset()
    owner_id: UserId | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Offsets:
    """Where a passage stands in its source, in code points; `end` is behind its last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsView:
    """Why something was found where it was, each from 0 to 1 (see `Parts`)."""

    lexical: float
    semantic: float
    recency: float
    tier: float
    use: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """What is known of the source of a passage.

    Attributes:
        source_uri: where a document comes from; null for everything else.
        heading: the headings above the passage, outermost first, joined by ` › `; of a message, who said it and when.
        conversation_id: in which conversation a message was said; null of everything else.
        owner_id: whose memory or message it is; null of a document and of a visitor's message.
        tier: of a memory; null of everything else.
        at: when it was said, added or last changed.
    """

    source_uri: str | None
    heading: str
    conversation_id: ConversationId | None
    owner_id: UserId | None
    tier: Tier | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HitView:
    """A passage that was found.

    Attributes:
        id: of the memory, document or message.
        title: of a document; empty for everything else.
        score: from 0 to 1, made of `parts`: lexical plus semantic, times a factor from 0.88 to 1 of the others.
    """

    kind: SourceKind
    id: UUID
    passage_id: PassageId
    title: str
    text: str
    offsets: Offsets
    score: float
    parts: PartsView
    source: SourceView

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """The view of a hit."""
        passage, standing, parts = hit.found.passage, hit.found.standing, hit.parts
        return cls(
            kind=passage.source.kind,
            id=passage.source.id,
            passage_id=passage.id,
            title=hit.found.title,
            text=passage.text,
            offsets=Offsets(start=passage.start, end=passage.end),
            score=parts.score,
            parts=PartsView(
                lexical=parts.lexical,
                semantic=parts.semantic,
                recency=parts.recency,
                tier=parts.tier,
                use=parts.use,
            ),
            source=SourceView(
                source_uri=hit.found.uri,
                heading=passage.heading,
                conversation_id=hit.found.conversation_id,
                owner_id=standing.owner_id,
                tier=standing.tier,
                at=standing.at,
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What a search found, best first.

    Attributes:
        embedder: whose vectors were compared. semantic: how much of what may be found had one: with `partial` or `none`
            the rest was found by its words alone.
    """

    items: Sequence[HitView]
    embedder: str
    semantic: Coverage

    @classmethod
    def of(cls, retrieved: Retrieved) -> Self:
        """The view of what was retrieved."""
        items = [HitView.of(hit) for hit in retrieved.hits]
        return cls(items=items, embedder=retrieved.embedder, semantic=retrieved.semantic)

    @property
    def memory_ids(self) -> Collection[MemoryId]:
        """The memories among the items, each once."""
        return dict.fromkeys(MemoryId(item.id) for item in self.items if item.kind is SourceKind.MEMORY)


@dataclass(frozen=True, slots=True)
class Search:
    """Finds, for a member or a machine, what they may read of what a workspace knows and of what was said in it."""

    retrieve: Retrieve
    memories: MemoryViews
    clock: Clock

    async def __call__(self, caller: Caller, command: SearchCommand) -> SearchResult:
        """The best hits: of documents, one's own memories and messages, the memories that others share, and visitors'.

        Raises:
            NotFound, Forbidden: the caller may not; memories and messages want `memory:read` besides, and those of
                visitors `conversation:read`.
            Invalid: the query or a filter cannot be taken.
        """
        caller.must(Permission.DOCUMENT_READ, command.workspace_id)
        filters = _filters(caller, command, self.clock.now())
        query = text(command.query, at="/query", least=1, most=QUERY_LENGTH)
        policy = await self.memories.policy(command.workspace_id)
        if policy is None:
            raise NotFound
        return SearchResult.of(await self.retrieve(query, policy.language, filters, command.limit))


def _filters(caller: Caller, command: SearchCommand, now: datetime) -> Filters:
    if faults := _faults(command):
        raise Invalid(*faults)
    return Filters(
        workspace_id=command.workspace_id,
        reader_id=UserId(caller.actor.id) if caller.actor.type is ActorType.USER else None,
        scopes=command.scopes,
        kinds=_kinds(caller, command),
        tiers=command.tiers,
        collections=command.collections,
        tags=frozenset(tag.strip().lower() for tag in command.tags),
        owner_id=command.owner_id,
        since=command.since,
        until=command.until,
        at=now,
    )


def _kinds(caller: Caller, command: SearchCommand) -> frozenset[SourceKind]:
    """What is looked through: of what was not asked for by name, only what the caller may read.

    Raises:
        Forbidden: it was asked for, and the caller may not read it.
    """
    grant = caller.grants[command.workspace_id]
    asked = set(command.kinds)
    if command.tiers or command.collections or command.tags:
        asked.add(SourceKind.MEMORY)
    for kind in sorted(asked):
        grant.must(_WANTS[kind])
    return command.kinds or frozenset(kind for kind in _DEFAULT if _WANTS[kind] in grant.permissions)


def _faults(command: SearchCommand) -> Sequence[Fault]:
    faults = [
        Fault(f"/{name}", "too_many", f"At most {MOST_NAMED}.")
        for name, named in (("collections", command.collections), ("tags", command.tags))
        if len(named) > MOST_NAMED
    ]
    if not 1 <= command.limit <= MOST_HITS:
        faults.append(Fault("/limit", "out_of_range", f"A search gives 1 to {MOST_HITS} hits."))
    moments = (("since", command.since), ("until", command.until))
    naive = [name for name, moment in moments if moment is not None and moment.tzinfo is None]
    faults += [
        Fault(f"/{name}", "invalid", f"{name} takes a time with its offset, as 2026-09-01T00:00:00Z.") for name in naive
    ]
    if not naive and command.since and command.until and command.until <= command.since:
        faults.append(Fault("/until", "out_of_range", "'until' must be later than 'since'."))
    return faults
