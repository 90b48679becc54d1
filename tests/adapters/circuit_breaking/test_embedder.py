import asyncio
from datetime import timedelta

import pytest
from typing_extensions import override

from adapters.circuit_breaking.embedder import CircuitBreakingEmbedder
from adapters.memory.clock import MemoryClock
from adapters.memory.embedder import ScriptedEmbedder, Step
from application.ports.embedder import Embedder, EmbedderError, EmbedderMisconfigured, EmbedderUnavailable
from tests.contracts.embedder import FallibleEmbedderContract

DOWN = EmbedderUnavailable("down")
RESTED = timedelta(seconds=30)


class TestCircuitBreaking(FallibleEmbedderContract):
    @pytest.fixture
    @override
    def embedder(self) -> Embedder:
        return CircuitBreakingEmbedder(ScriptedEmbedder(), MemoryClock(), patience=20)

    @pytest.fixture(params=[EmbedderUnavailable, EmbedderMisconfigured])
    @override
    def failing(self, request: pytest.FixtureRequest) -> tuple[Embedder, type[EmbedderError]]:
        error: type[EmbedderError] = request.param
        return CircuitBreakingEmbedder(ScriptedEmbedder(error("as scripted")), MemoryClock(), patience=20), error


class Scene:
    """An embedder that does as `script` says, then answers."""

    def __init__(self, *script: Step, patience: float = 20) -> None:
        self.clock = MemoryClock()
        self.scripted = ScriptedEmbedder(*script, name="a:b", weight=0.3)
        self.embedder = CircuitBreakingEmbedder(self.scripted, self.clock, patience=patience)

    async def failure(self) -> EmbedderError:
        with pytest.raises(EmbedderError) as raised:
            await self.embedder.embed(["One."])
        return raised.value

    @property
    def asked(self) -> int:
        return len(self.scripted.texts)


def test_it_is_called_and_counts_as_the_embedder_that_it_asks() -> None:
    embedder = Scene().embedder

    assert (embedder.name, embedder.weight) == ("a:b", 0.3)


async def test_one_that_was_unavailable_twice_is_spared_for_half_a_minute() -> None:
    scene = Scene(DOWN, DOWN)
    await scene.failure()
    await scene.failure()

    scene.clock.advance(RESTED - timedelta(seconds=1))
    error = await scene.failure()
    assert (scene.asked, isinstance(error, EmbedderUnavailable) and error.retry_after) == (2, 1.0)

    scene.clock.advance(timedelta(seconds=1))
    assert len(await scene.embedder.embed(["One."])) == 1


async def test_one_that_is_away_still_is_spared_again_at_once() -> None:
    scene = Scene(DOWN, DOWN, DOWN)
    await scene.failure()
    await scene.failure()
    scene.clock.advance(RESTED)

    await scene.failure()
    await scene.failure()

    assert scene.asked == 3


async def test_a_single_failure_keeps_nobody_from_asking() -> None:
    scene = Scene(DOWN)
    await scene.failure()

    assert len(await scene.embedder.embed(["One."])) == 1


async def test_who_stops_waiting_tells_nothing_of_the_embedder() -> None:
    scene = Scene(DOWN, asyncio.Event())
    await scene.failure()
    waiting = asyncio.create_task(scene.embedder.embed(["One."]))
    await asyncio.sleep(0)

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert len(await scene.embedder.embed(["One."])) == 1


async def test_failures_with_a_vector_between_them_are_not_in_a_row() -> None:
    answered = asyncio.Event()
    answered.set()
    scene = Scene(DOWN, answered, DOWN)
    await scene.failure()
    await scene.embedder.embed(["One."])
    await scene.failure()

    await scene.embedder.embed(["One."])

    assert scene.asked == 4


async def test_it_is_spared_no_longer_than_it_said() -> None:
    busy = EmbedderUnavailable("busy", retry_after=2)
    scene = Scene(busy, busy)
    await scene.failure()
    await scene.failure()

    scene.clock.advance(timedelta(seconds=2))

    assert len(await scene.embedder.embed(["One."])) == 1


async def test_one_that_gives_no_vectors_in_time_is_unavailable() -> None:
    never = asyncio.Event()
    scene = Scene(never, never, patience=0)

    for _ in range(3):
        assert isinstance(await scene.failure(), EmbedderUnavailable)

    assert scene.asked == 2


async def test_settings_that_are_wrong_are_told_each_time() -> None:
    scene = Scene(*[EmbedderMisconfigured("no key")] * 3)

    errors = [await scene.failure() for _ in range(3)]

    assert {type(error) for error in errors} == {EmbedderMisconfigured}
    assert scene.asked == 3
