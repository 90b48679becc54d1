import asyncio
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib import import_module
from typing import Protocol

from typing_extensions import override

from application.ports.embedder import Embedder, EmbedderMisconfigured, EmbedderUnavailable
from application.ports.embeddings import DIMENSIONS, Vector

_BATCH = 32
_LONGEST_TEXT = 20_000
EXTRA = "A model in this process needs an extra: install 'flightdeck[local-embedder]'."


class _Numbers(Protocol):
    def tolist(self) -> list[list[float]]: ...


class _Model(Protocol):
    """As far as a `sentence_transformers.SentenceTransformer` is needed; the package is not there to be looked at."""

    def encode(
        self, sentences: list[str], *, batch_size: int, normalize_embeddings: bool, show_progress_bar: bool
    ) -> _Numbers: ...

    def get_embedding_dimension(self) -> int | None: ...


class SentenceTransformersEmbedder(Embedder):
    """A model that runs on this machine, in one thread of its own, loaded when the first text comes.

    Args:
        model: a path, or a name by which the library finds it.
        dimensions: how many numbers to keep of each vector, for models made for it; while absent all, which may be
            `DIMENSIONS` at most.
    """

    def __init__(self, model: str, *, dimensions: int | None = None) -> None:
        self._path = model
        self._dimensions = dimensions
        # One thread: the library uses all processors by itself, and two loads would need twice the memory.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedder")

    @property
    @override
    def name(self) -> str:
        return f"local:{self._path}" + (f"/{self._dimensions}" if self._dimensions else "")

    @property
    @override
    def weight(self) -> float:
        return 1.0

    @override
    async def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        loop, vectors = asyncio.get_running_loop(), list[Vector]()
        # One call of the thread for each batch: a query gets in between those of a job.
        for start in range(0, len(texts), _BATCH):
            batch = list(texts[start : start + _BATCH])
            vectors += await loop.run_in_executor(self._thread, self._embedded, batch)
        return vectors

    async def aclose(self) -> None:
        """Ends the thread, once it has done what it does now."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)

    def _embedded(self, texts: list[str]) -> Sequence[Vector]:
        model = self._model
        said = [text[:_LONGEST_TEXT].encode("utf-8", "replace").decode() for text in texts]
        try:
            found = model.encode(said, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False).tolist()
        except (RuntimeError, MemoryError) as error:  # PyTorch's for a lack of memory, most of all
            raise EmbedderUnavailable(f"The model {self._path} gave up: {error}") from error
        if not all(0 < math.hypot(*vector) < math.inf for vector in found):
            raise EmbedderUnavailable(f"A vector of the model {self._path} has no direction.")
        return found

    @cached_property
    def _model(self) -> _Model:
        try:
            # Imported here since it takes seconds, which neither a start nor the event loop has.
            library = import_module("sentence_transformers")
        except ModuleNotFoundError as error:
            raise EmbedderMisconfigured(EXTRA) from error
        try:
            model: _Model = library.SentenceTransformer(self._path, truncate_dim=self._dimensions)
        except (OSError, ValueError, RuntimeError) as error:
            raise EmbedderMisconfigured(f"The model {self._path} cannot be loaded: {error}") from error
        length = model.get_embedding_dimension() or 0
        if length > DIMENSIONS:
            raise EmbedderMisconfigured(
                f"Vectors of {self._path} have {length} numbers, and up to {DIMENSIONS} are taken: set "
                "EMBEDDING_DIMENSIONS, if the model lets us choose, or another model."
            )
        return model
