import asyncio
import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from adapters.offline.embedder import LONGEST_TEXT, OfflineEmbedder, direction, embedded
from application.ports.embedder import Embedder
from application.ports.embeddings import DIMENSIONS
from tests.contracts.embedder import EmbedderContract, cosine

UNRELATED = 0.1
"""Above which nothing is alike that shares no word: 1 / sqrt(1536), four times."""


def likeness(one: str, other: str) -> float:
    return cosine(embedded(one), embedded(other))


class TestOffline(EmbedderContract):
    @pytest.fixture
    @override
    def embedder(self) -> Embedder:
        return OfflineEmbedder()


@given(text=st.text(max_size=300))
def test_every_text_has_a_direction_and_always_the_same(text: str) -> None:
    vector = embedded(text)

    assert len(vector) == DIMENSIONS
    assert math.hypot(*vector) == pytest.approx(1.0)
    assert embedded(text) == vector


@pytest.mark.parametrize("seed", ["0", "1"])
def test_another_process_gives_the_same_vector_and_name(seed: str) -> None:
    text = "Füße & 60 €: how do I cancel my appointment, tomorrow?"
    script = (
        "from adapters.offline.embedder import OfflineEmbedder, embedded; "
        f"print(OfflineEmbedder().name, hash(tuple(embedded({text!r})))) "
    )

    told = subprocess.run(  # noqa: S603 (ours)
        [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
    )

    assert told.stdout.split() == [OfflineEmbedder().name, str(hash(tuple(embedded(text))))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("running shoes", "shoes to run in", id="inflection"),
        pytest.param("apointment cancelation", "cancelling an appointment", id="typos"),
        pytest.param("Öffnungszeiten", "offnungszeiten", id="accents"),
        pytest.param("STRASSE", "straße", id="case"),
        pytest.param("the photographer's studio", "photography", id="shared stem"),
        pytest.param("my mum", "her mother", id="words of like meaning"),
        pytest.param("wie teuer", "der Preis", id="phrases"),
        pytest.param("京都の天気", "天気", id="scripts without spaces"),
        pytest.param("прогноз погоды", "погода", id="another alphabet"),
        pytest.param("👍", "👍👍🎉", id="no words at all"),
    ],
)
def test_texts_are_alike_that_share(one: str, other: str) -> None:
    assert likeness(one, other) > UNRELATED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The studio has a kiln.", "An invoice is due on Monday."),
        ("Where can I park?", "The soup is made of lentils."),
        ("👍", "🎉"),
        ("", "Everything else"),
    ],
)
def test_texts_are_not_alike_that_share_nothing(one: str, other: str) -> None:
    assert abs(likeness(one, other)) < UNRELATED


def test_words_that_say_nothing_count_little() -> None:
    question = "what is the price of it"

    assert likeness(question, "the price") > 2 * likeness(question, "what is of it")


def test_figures_show_what_a_text_is_about() -> None:
    question = "how much is it"

    assert likeness(question, "These are 60 €.") > likeness(question, "These are 60.") + 0.03


def test_the_same_words_in_the_same_order_are_more_alike() -> None:
    assert likeness("green tea cup", "green tea from a cup") > likeness("green tea cup", "cup tea from a green")


def test_a_word_said_often_counts_more_and_not_as_often() -> None:
    once, often = embedded("kiln glaze clay"), embedded("kiln " * 16 + "glaze clay")

    assert cosine(embedded("kiln"), once) < cosine(embedded("kiln"), often) < 0.99
    assert cosine(once, often) > 0.5


def test_of_a_long_text_the_beginning_counts() -> None:
    beginning = ("All about kilns. " * 2_000)[:LONGEST_TEXT]

    assert embedded(beginning + " And then invoices." * 100) == embedded(beginning)


def test_what_cancels_itself_out_has_a_direction_too() -> None:
    assert direction(iter([(7, 1.0), (7, -1.0)])) == embedded("")


async def test_many_long_texts_leave_the_event_loop_to_others() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    beside = asyncio.create_task(others())
    vectors = await OfflineEmbedder().embed([f"Number {number}. " * 200 for number in range(20)])
    beside.cancel()

    assert len(vectors) == 20
    assert turns > 20
