import math
from collections.abc import Iterator, Sequence
from hashlib import sha256

import httpx2
from msgspec import Struct, ValidationError, convert
from typing_extensions import override

from adapters.openai.connection import Connection
from adapters.openai.language_model import BASE_URLS
from adapters.openai.requests import Body
from application.ports.embedder import Embedder, EmbedderMisconfigured, EmbedderUnavailable
from application.ports.embeddings import DIMENSIONS, Vector
from application.ports.language_model import ModelMisconfigured, ModelRefused, ModelUnavailable

LONGEST_TEXT = 8_000
"""Bytes of a text that are sent: no tokeniser makes more tokens than bytes, and the models take 8,191 tokens."""
MOST_TEXTS = 128
MOST_TOKENS = 100_000
"""Of one request, where OpenAI's server takes 300,000 and the others tell nothing."""
_BYTES_OF_TOKEN = 3
_SHORTEST_TEXT = 100
_NOTHING = "."
"""Sent for the empty text, which servers refuse."""


class _Embedding(Struct):
    embedding: list[float]
    index: int


class _Answer(Struct):
    data: list[_Embedding]


class OpenAIEmbedder(Embedder):
    """A model behind OpenAI's embeddings, which Ollama, vLLM, LM Studio and llama.cpp serve too.

    What a server refuses is sent again in smaller parts, at last with less of a text, since servers differ in what
    they take at once and none says how much. Nothing else is tried twice.

    Args:
        model: as the server calls it.
        http: the connections, from `adapters.httpx2`; who made them closes them.
        api_key: may be absent where the server asks for none.
        base_url: of another server, with its version, as `http://localhost:11434/v1`.
        dimensions: how many numbers to ask for; while absent the model's own, which may be `DIMENSIONS` at most.
    """

    def __init__(
        self,
        model: str,
        *,
        http: httpx2.AsyncClient,
        api_key: str | None = None,
        base_url: str | None = None,
        dimensions: int | None = None,
    ) -> None:
        self._model = model
        self._dimensions = dimensions
        # The same name of a model is another model at another server, as far as one can know.
        self._server = f"@{sha256(base_url.rstrip('/').encode()).hexdigest()[:8]}" if base_url else ""
        self._connection = Connection(http, base_url or BASE_URLS["openai"], api_key)

    @property
    @override
    def name(self) -> str:
        return f"openai:{self._model}{self._server}" + (f"/{self._dimensions}" if self._dimensions else "")

    @property
    @override
    def weight(self) -> float:
        return 1.0

    @override
    async def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [vector for batch in _batches(map(_sent, texts)) for vector in await self._embedded(batch)]

    async def _embedded(self, texts: Sequence[str]) -> Sequence[Vector]:
        try:
            return self._vectors(await self._answer(texts), len(texts))
        except ModelRefused as error:
            smaller = _smaller(texts)
            if not smaller or (self._dimensions and "dimension" in str(error)):
                raise EmbedderMisconfigured(f"It refuses: {error}") from error
            return [vector for part in smaller for vector in await self._embedded(part)]

    async def _answer(self, texts: Sequence[str]) -> object:
        body: Body = {"model": self._model, "input": list(texts), "encoding_format": "float"}
        if self._dimensions:
            body["dimensions"] = self._dimensions
        try:
            return await self._connection.answer("/embeddings", body)
        except ModelMisconfigured as error:
            raise EmbedderMisconfigured(str(error)) from error
        except ModelUnavailable as error:
            raise EmbedderUnavailable(str(error), retry_after=error.retry_after) from error

    def _vectors(self, raw: object, texts: int) -> Sequence[Vector]:
        try:
            answer = convert(raw, _Answer)
        except (ValidationError, RecursionError) as error:
            raise EmbedderUnavailable(f"The answer has no known shape: {error}") from error
        found = {each.index: each.embedding for each in answer.data}
        if len(answer.data) != texts or found.keys() != set(range(texts)):
            raise EmbedderUnavailable("The answer has not one vector for each text.")
        return [self._vector(found[place]) for place in range(texts)]

    def _vector(self, numbers: Sequence[float]) -> Vector:
        length = math.hypot(*numbers)
        if not 0 < length < math.inf:
            raise EmbedderUnavailable("A vector of the answer has no direction.")
        if len(numbers) != (self._dimensions or len(numbers)):
            raise EmbedderMisconfigured(
                f"Its vectors have {len(numbers)} numbers whatever is asked for: unset EMBEDDING_DIMENSIONS."
            )
        if len(numbers) > DIMENSIONS:
            raise EmbedderMisconfigured(
                f"Its vectors have {len(numbers)} numbers, and up to {DIMENSIONS} are taken: set EMBEDDING_DIMENSIONS, "
                "if the model lets us choose, or another model."
            )
        return [number / length for number in numbers]


def _sent(text: str) -> str:
    return text.encode("utf-8", "replace")[:LONGEST_TEXT].decode("utf-8", "ignore").strip() or _NOTHING


def _batches(texts: Iterator[str]) -> Iterator[list[str]]:
    """The texts in order, as many together as a request may hold."""
    batch: list[str] = []
    tokens = 0
    for text in texts:
        needed = len(text.encode()) // _BYTES_OF_TOKEN + 1
        if batch and (len(batch) == MOST_TEXTS or tokens + needed > MOST_TOKENS):
            yield batch
            batch, tokens = [], 0
        batch.append(text)
        tokens += needed
    if batch:
        yield batch


def _smaller(texts: Sequence[str]) -> Sequence[Sequence[str]]:
    """The texts in two parts, or the beginning of a single one; nothing when that is short already."""
    if len(texts) > 1:
        middle = len(texts) // 2
        return texts[:middle], texts[middle:]
    return [[text[: len(text) // 2]] for text in texts if len(text) > _SHORTEST_TEXT]
