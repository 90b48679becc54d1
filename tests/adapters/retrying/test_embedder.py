import math

import pytest
from typing_extensions import override

from adapters.memory.embedder import ScriptedEmbedder
from adapters.retrying.embedder import RetryingEmbedder
from application.ports.embedder import Embedder, EmbedderError, EmbedderMisconfigured, EmbedderUnavailable
from tests.contracts.embedder import FallibleEmbedderContract

DOWN = EmbedderUnavailable("down")


class Waits(list[float]):
    """Notes each wait, and waits for nothing."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


class TestRetrying(FallibleEmbedderContract):
    @pytest.fixture
    @override
    def embedder(self) -> Embedder:
        return RetryingEmbedder(ScriptedEmbedder(DOWN), sleep=Waits())

    @pytest.fixture(params=[EmbedderUnavailable, EmbedderMisconfigured])
    @override
    def failing(self, request: pytest.FixtureRequest) -> tuple[Embedder, type[EmbedderError]]:
        error: type[EmbedderError] = request.param
        return RetryingEmbedder(ScriptedEmbedder(*[error("as scripted")] * 3), sleep=Waits()), error


def test_it_is_called_and_counts_as_the_embedder_that_it_asks() -> None:
    embedder = RetryingEmbedder(ScriptedEmbedder(name="a:b", weight=0.3))

    assert (embedder.name, embedder.weight) == ("a:b", 0.3)


async def test_one_that_is_unavailable_is_asked_again_after_doubled_waits() -> None:
    waits, scripted = Waits(), ScriptedEmbedder(DOWN, DOWN)

    await RetryingEmbedder(scripted, sleep=waits).embed(["One."])

    assert waits == [0.25, 0.5]
    assert scripted.texts == [["One."]] * 3


async def test_the_last_try_is_final() -> None:
    scripted = ScriptedEmbedder(*[DOWN] * 5)

    with pytest.raises(EmbedderUnavailable, match="down"):
        await RetryingEmbedder(scripted, tries=4, sleep=Waits()).embed(["One."])

    assert len(scripted.texts) == 4


async def test_it_waits_as_long_as_it_was_told() -> None:
    waits = Waits()

    await RetryingEmbedder(ScriptedEmbedder(EmbedderUnavailable("busy", retry_after=1.5)), sleep=waits).embed(["One."])

    assert waits == [1.5]


@pytest.mark.parametrize("seconds", [2.5, math.inf])
async def test_a_wait_beyond_its_patience_is_left_to_others(seconds: float) -> None:
    waits, scripted = Waits(), ScriptedEmbedder(EmbedderUnavailable("busy", retry_after=seconds))

    with pytest.raises(EmbedderUnavailable):
        await RetryingEmbedder(scripted, patience=2, sleep=waits).embed(["One."])

    assert (waits, len(scripted.texts)) == ([], 1)


async def test_what_is_to_be_mended_is_not_tried_again() -> None:
    scripted = ScriptedEmbedder(EmbedderMisconfigured("no key"))

    with pytest.raises(EmbedderMisconfigured):
        await RetryingEmbedder(scripted, sleep=Waits()).embed(["One."])

    assert len(scripted.texts) == 1
