"""What is known already of what is proposed to a user's memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.collections import CollectionSummaryView, CollectionViews
from application.ports.memories import MemoryFilter, MemoryPolicy, MemoryViews
from application.ports.passage_search import PassageSearch
from domain.ids import CollectionId, MemoryId, UserId
from domain.knowledge import Filters
from domain.memories import CollectionKind, digest_of
from domain.memories.contradiction import Relation, relation, rivals_query
from domain.memories.extraction import Proposal
from domain.words import STOP_WORDS, words

LOOKED_AT = 20
"""How many memories a proposal is compared with."""
_QUERY = 1_000
_MOST_COLLECTIONS = 50
# Those of all languages: people do not always speak to their companion in that of the workspace.
_SILENT = frozenset[str]().union(*STOP_WORDS.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is there already, of what a proposal says.

    Attributes:
        alike: memories of the same words or about the same, which are live.
        before: the superseded memory of exactly its words.
        collection_id: where it belongs.
    """

    proposal: Proposal
    alike: Sequence[MemoryId] = ()
    before: MemoryId | None = None
    collection_id: CollectionId | None = None


@dataclass(frozen=True, slots=True)
class LookUp:
    """Finds what is there already of what is proposed to a user's memory."""

    search: PassageSearch
    memories: MemoryViews
    collections: CollectionViews

    async def __call__(
        self, proposed: Sequence[Proposal], recalled: Sequence[MemoryId], owner_id: UserId, only: Filters
    ) -> Sequence[Known]:
        """For each proposal that a later one does not take back what to compare it with, the `recalled` ones first.

        `only` are the filters that find the owner's own memories.
        """
        policy = await self.memories.policy(only.workspace_id)
        if policy is None:
            return []
        standing = _standing(proposed)
        collections = await self._collections(standing, owner_id, only)
        return [
            Known(
                proposal=proposal,
                alike=tuple(dict.fromkeys([*recalled, *await self._alike(proposal, policy, only)])),
                before=await self._before(proposal, owner_id, only),
                collection_id=_fitting(proposal, collections),
            )
            for proposal in standing
        ]

    async def _alike(self, proposal: Proposal, policy: MemoryPolicy, only: Filters) -> Sequence[MemoryId]:
        query = rivals_query(proposal.content)[:_QUERY]
        ranked = await self.search.lexical(query, policy.language, only, LOOKED_AT)
        found = {each.passage.id: each for each in await self.search.found([each.passage_id for each in ranked])}
        there = (found.get(each.passage_id) for each in ranked)
        return [MemoryId(each.passage.source.id) for each in there if each is not None]

    async def _before(self, proposal: Proposal, owner_id: UserId, only: Filters) -> MemoryId | None:
        wanted = MemoryFilter(reader_id=owner_id, q=proposal.content.rstrip("."), superseded=True)
        page = await self.memories.memories(only.workspace_id, wanted, None, LOOKED_AT)
        said = digest_of(proposal.content)
        return next(
            (
                memory.id
                for memory in page.items
                if memory.owner_id == owner_id and memory.superseded_by and digest_of(memory.content) == said
            ),
            None,
        )

    async def _collections(
        self, proposed: Sequence[Proposal], owner_id: UserId, only: Filters
    ) -> Sequence[CollectionSummaryView]:
        """The owner's newest collections, when one of what is proposed may belong to one."""
        if all(proposal.kind is None for proposal in proposed):
            return []
        page = await self.collections.collections(only.workspace_id, owner_id, None, _MOST_COLLECTIONS)
        return page.items


def _fitting(proposal: Proposal, collections: Sequence[CollectionSummaryView]) -> CollectionId | None:
    """The newest collection for it; one for a goal only when its name shares a word with the goal."""
    said = _meaningful(proposal.content)
    fitting = (
        each.id
        for each in collections
        if each.kind is proposal.kind and (each.kind is not CollectionKind.GOAL or said & _meaningful(each.name))
    )
    return next(fitting, None)


def _standing(proposed: Sequence[Proposal]) -> Sequence[Proposal]:
    """The proposals that none after them supersedes or repeats."""
    taken_back = {Relation.SUPERSEDES, Relation.REPEATS}
    return [
        each
        for place, each in enumerate(proposed)
        if all(relation(later.content, each.content) not in taken_back for later in proposed[place + 1 :])
    ]


def _meaningful(text: str) -> frozenset[str]:
    return frozenset(words(text)) - _SILENT
