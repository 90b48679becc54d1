"""The quality of a search over any adapters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from application.knowledge.retrieve import Retrieve
from application.ports.embedder import Embedder
from application.ports.embeddings import Embeddings
from application.ports.passage_search import PassageSearch
from application.ports.unit_of_work import Begin
from domain.actors import SYSTEM
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.memories import MemoryAdded, Tier
from tests.quality.corpus import corpus, questions
from tests.quality.figures import DEPTH, Answered, answers, conversationally, embed, fill, first, plainly, recall

READER = UserId(UUID(int=1))


@dataclass(frozen=True, slots=True)
class Found:
    """What is found for each question as it stands, and for those to a companion as it asks them."""

    plainly: Sequence[Answered]
    conversationally: Sequence[Answered]


async def found_by(
    begin: Begin[Any], search: PassageSearch, embeddings: Embeddings, embedder: Embedder, workspace_id: WorkspaceId
) -> Found:
    """What is found once the corpus is in the workspace, which must exist."""
    whole, asked, retrieve = corpus(workspace_id, READER), questions(), Retrieve(search, embedder)
    because = MemoryAdded(
        workspace_id=workspace_id, actor=SYSTEM, at=whole.now, memory_id=MemoryId(uuid4()), tier=Tier.PERSONAL
    )
    async with begin() as work:
        work.record(because)
        await fill(work.passages, workspace_id, whole)
        await work.commit(None)
    await embed(embeddings, embedder, whole)
    told = [question for question in asked if question.group == "conversational"]
    return Found(
        plainly=await answers(retrieve, whole, asked, plainly(workspace_id, READER, whole)),
        conversationally=await answers(retrieve, whole, told, conversationally(workspace_id, READER, whole)),
    )


def of(answered: Sequence[Answered], *names: str) -> list[Answered]:
    """The answers to questions of these groups, sorts or files."""
    return [each for each in answered if set(each.question.names) & set(names)]


def measured(found: Found) -> Mapping[str, float]:
    """In percent: the right passage among the first three by group, and recall at 10 and 25 by the way of searching."""
    groups = {name: first(of(found.plainly, name)) for name in ("literal", "reworded")}
    recalls = {
        f"{way}@{at}": recall(found.plainly, way, at) for way in ("hybrid", "lexical", "semantic") for at in (10, DEPTH)
    }
    return {**groups, "conversational": first(found.conversationally), **recalls}
