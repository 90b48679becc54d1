import asyncio

import pytest
from typing_extensions import override

from adapters.memory.embedder import ScriptedEmbedder
from application.ports.embedder import Embedder, EmbedderError, EmbedderMisconfigured, EmbedderUnavailable
from tests.contracts.embedder import FallibleEmbedderContract


class TestScripted(FallibleEmbedderContract):
    @pytest.fixture
    @override
    def embedder(self) -> Embedder:
        return ScriptedEmbedder()

    @pytest.fixture(params=[EmbedderUnavailable, EmbedderMisconfigured])
    @override
    def failing(self, request: pytest.FixtureRequest) -> tuple[Embedder, type[EmbedderError]]:
        error: type[EmbedderError] = request.param
        return ScriptedEmbedder(error("as scripted")), error


async def test_what_was_embedded_is_kept_in_order() -> None:
    embedder = ScriptedEmbedder()

    await embedder.embed(["One.", "Two."])
    await embedder.embed(["Three."])

    assert embedder.texts == [["One.", "Two."], ["Three."]]


async def test_a_text_can_fail_by_itself() -> None:
    embedder = ScriptedEmbedder(failures={"Bad.": EmbedderUnavailable("500")})

    with pytest.raises(EmbedderUnavailable):
        await embedder.embed(["One.", "Bad."])

    assert len(await embedder.embed(["One."])) == 1


async def test_an_answer_can_be_held() -> None:
    held = asyncio.Event()
    answer = asyncio.create_task(ScriptedEmbedder(held).embed(["One."]))
    await asyncio.sleep(0)
    assert not answer.done()

    held.set()

    assert len(await answer) == 1
