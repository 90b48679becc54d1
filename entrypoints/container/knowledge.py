from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

from application.knowledge.embed_missing import MissingEmbedder
from application.knowledge.embed_passages import PassageEmbedder
from application.knowledge.index_vectors import VectorIndexer
from application.knowledge.note_recalled import NoteRecalled
from application.knowledge.restem import Restemmer
from application.knowledge.retrieve import Retrieve
from application.knowledge.search import Search
from entrypoints.container.given import given
from entrypoints.container.ports import Ports


class Knowledge(DeclarativeContainer):
    """Search over all that a workspace knows."""

    ports = given(Ports)

    retrieve = Factory(Retrieve, search=ports.passage_search, embedder=ports.query_embedder)
    search = Factory(Search, retrieve=retrieve, memories=ports.memory_views, clock=ports.clock)
    note_recalled = Factory(NoteRecalled, begin=ports.begin, clock=ports.clock)
    embed_passages = Factory(PassageEmbedder, embeddings=ports.embeddings, embedder=ports.embedder)
    embed_missing = Factory(
        MissingEmbedder,
        embeddings=ports.embeddings,
        embedder=ports.embedder,
        begin=ports.begin,
        queue=ports.job_queue,
        clock=ports.clock,
    )
    restem = Factory(Restemmer, languages=ports.passage_languages)
    index_vectors = Factory(VectorIndexer, indexes=ports.vector_indexes, embedder=ports.embedder)
