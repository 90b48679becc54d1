import asyncio
import math
from collections.abc import Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType

from typing_extensions import override

from application.ports.embedder import Embedder
from application.ports.embeddings import Vector

_DIMENSIONS = 8
Step = Exception | asyncio.Event


class ScriptedEmbedder(Embedder):
    """Gives each text a direction of its own, unless its script says otherwise.

    Args:
        script: what the first calls do, in order: raise an exception, or wait for an event before they give vectors.
        name: as it is to be called.
        weight: as it is to count.
        failures: the exceptions that texts raise, each time and for all texts that come with them.

    Attributes:
        texts: what was embedded, a list for each call.
    """

    def __init__(
        self,
        *script: Step,
        name: str = "scripted:sha256",
        weight: float = 1.0,
        failures: Mapping[str, Exception] = MappingProxyType({}),
    ) -> None:
        self._script = iter(script)
        self._name = name
        self._weight = weight
        self._failures = failures
        self.texts: list[list[str]] = []

    @property
    @override
    def name(self) -> str:
        return self._name

    @property
    @override
    def weight(self) -> float:
        return self._weight

    @override
    async def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.texts.append(list(texts))
        step = next(self._script, None)
        if isinstance(step, Exception):
            raise step
        if step:
            await step.wait()
        for text in texts:
            if text in self._failures:
                raise self._failures[text]
        return [_direction(text) for text in texts]


def _direction(text: str) -> Vector:
    numbers = [byte - 127.5 for byte in sha256(text.encode("utf-8", "surrogatepass")).digest()[:_DIMENSIONS]]
    length = math.hypot(*numbers)
    return [number / length for number in numbers]
