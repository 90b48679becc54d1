"""What a companion finds of what its user may know, by words and by meaning."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.knowledge.retrieve import Hit, Retrieve
from application.ports.memory_profiles import MemoryProfileViews
from domain.conversations.reply_prompt import Addressee, ReplyFacts
from domain.ids import PassageId
from domain.knowledge import Filters, Parts, Passage, Source, SourceKind
from domain.memories.profile import ProfileLine
from domain.memories.queries import query_of
from domain.memories.recall import Recalled, choose, leans, touches_goals
from domain.memories.tiers import Tier

QUERY_LENGTH = 1_000
MEMORIES_FOUND = 10
OTHERS_FOUND = 8
MEMORIES = frozenset({SourceKind.MEMORY})


def own(facts: ReplyFacts, addressee: Addressee, at: datetime, kinds: frozenset[SourceKind]) -> Filters:
    """What of these kinds the user may find: of documents what every member may, else their own.

    Memories that others share are theirs, and would be told as the user's; no message is shared.
    """
    owner_id = addressee.id if SourceKind.MEMORY in kinds else None
    return Filters(workspace_id=facts.workspace_id, reader_id=addressee.id, owner_id=owner_id, kinds=kinds, at=at)


@dataclass(frozen=True, slots=True)
class Recall:
    """Finds what a companion has before it when it replies."""

    retrieve: Retrieve
    profiles: MemoryProfileViews

    async def __call__(self, facts: ReplyFacts, addressee: Addressee, at: datetime) -> tuple[Recalled, ...]:
        """What fits of the standing profile and of what is found for the question, as `choose` says.

        Memories are always looked for, documents and messages when the question is for them (`query_of`).
        """
        query = query_of(facts.questions[0][:QUERY_LENGTH], at, addressee.timezone, facts.language)
        text = f"{query.text} {_before(facts)}" if leans(query.text, facts.language) else query.text
        goals = touches_goals(facts.questions[0])
        memories, others = (own(facts, addressee, at, kinds) for kinds in (MEMORIES, query.kinds - MEMORIES))
        wanted = [
            (replace(filters, since=query.since, until=query.until), limit)
            for filters, limit in ((memories, MEMORIES_FOUND), (others, OTHERS_FOUND))
        ]
        profile, projects, found = await asyncio.gather(
            self._profile(facts, addressee, at),
            self._projects(memories) if goals else _nothing(),
            self.retrieve.each(text[:QUERY_LENGTH], facts.language, wanted),
        )
        hits = [recalled(hit) for retrieved in found for hit in retrieved.hits]
        return choose(profile, [*hits, *projects], at, goals=goals)

    async def _profile(self, facts: ReplyFacts, addressee: Addressee, at: datetime) -> Sequence[Recalled]:
        view = await self.profiles.profile(facts.workspace_id, addressee.id, at)
        stable = [Recalled(passage=_line(facts, line), tier=Tier.PERSONAL) for line in view.stable]
        return [*stable, *(Recalled(passage=_line(facts, line)) for line in view.recent)]

    async def _projects(self, filters: Filters) -> Sequence[Recalled]:
        only = replace(filters, tiers=frozenset({Tier.PROJECT}))
        passages = await self.retrieve.search.leading(only, OTHERS_FOUND)
        return [Recalled(passage=passage, tier=Tier.PROJECT, parts=Parts()) for passage in passages]


def recalled(hit: Hit) -> Recalled:
    """What was found, as a companion has it before it."""
    return Recalled(passage=hit.found.passage, tier=hit.found.standing.tier, at=hit.found.standing.at, parts=hit.parts)


def _before(facts: ReplyFacts) -> str:
    return " ".join(facts.questions[1:])


async def _nothing() -> Sequence[Recalled]:
    return ()


def _line(facts: ReplyFacts, line: ProfileLine) -> Passage:
    """A line of the profile as a passage, which it is not exactly: it may be cut."""
    return Passage(
        id=PassageId(line.memory_id),
        workspace_id=facts.workspace_id,
        source=Source(SourceKind.MEMORY, line.memory_id),
        position=0,
        heading="",
        text=line.text,
        start=0,
        end=len(line.text),
    )
