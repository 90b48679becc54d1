"""OpenAI's embeddings on loopback: each text of a request has a vector made of its bytes."""

import math
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from typing_extensions import override

from tests.wire.server import Reply, Request, Server, plain


def numbers(text: str, dimensions: int = 8) -> list[float]:
    """What the server answers for a text; not of length 1."""
    digest = sha256(text.encode()).digest()
    return [3.0 * math.sin(digest[place % 32] + place) for place in range(dimensions)]


def answer(vectors: Sequence[Sequence[float]], **more: Any) -> Reply:
    """A whole answer, the last vector first, as servers may give them in any order."""
    data = [{"object": "embedding", "index": place, "embedding": list(vector)} for place, vector in enumerate(vectors)]
    body = {"object": "list", "data": data[::-1], "model": "served", "usage": {"prompt_tokens": 8, "total_tokens": 8}}
    return plain(200, body | more)


class EmbeddingServer(Server):
    """Answers every request; `refuses` may give another reply to its body.

    Args:
        length: of each vector, unless the request names another number.
    """

    def __init__(
        self, *, length: int = 8, refuses: Callable[[Mapping[str, Any]], Reply | None] = lambda _: None
    ) -> None:
        super().__init__()
        self._length = length
        self._refuses = refuses

    @override
    def reply_to(self, request: Request) -> Reply:
        length = request.body.get("dimensions", self._length)
        whole = answer([numbers(text, length) for text in request.body["input"]])
        return self._refuses(request.body) or whole
