from tests.contracts.embeddings import EmbeddingsContract


class TestEmbeddings(EmbeddingsContract): ...
