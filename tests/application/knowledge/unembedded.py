"""Workspaces whose passages wait for their vectors."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from adapters.memory.embeddings import MemoryEmbeddings
from adapters.memory.passages import MemoryPassages
from domain.ids import DocumentId, JobId, PassageId, WorkspaceId
from domain.jobs import Claim
from domain.knowledge import Passage, Source, SourceKind, Standing, passages_of
from tests.application.world import World


def claim_of(type_: str, attempt: int = 1) -> Claim:
    return Claim(job_id=JobId(UUID(int=5)), attempt=attempt, type=type_, payload={}, workspace_id=None)


async def shelve(world: World, workspace_id: WorkspaceId, *texts: str) -> Sequence[Passage]:
    """The passages of a new document in the workspace, one for each text."""
    now = world.clock.now()
    source = Source(SourceKind.DOCUMENT, DocumentId(uuid4()))
    told = "\n\n".join(f"# {number}\n\n{text}" for number, text in enumerate(texts))
    passages = passages_of(workspace_id, source, told, now)
    with world.store.transaction() as transaction:
        await MemoryPassages(world.store, transaction).replace(workspace_id, source, passages, Standing(at=now), "en")
        transaction.apply()
    return passages


def embedded_by(world: World, embedder: str) -> set[PassageId]:
    """The passages with a vector of the embedder."""
    return {row.passage_id for row in world.store.embeddings.rows.values() if row.embedder == embedder}


def embeddings(world: World) -> MemoryEmbeddings:
    return MemoryEmbeddings(world.store)
