from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.conversations.citations import Citations
from domain.knowledge import Source, SourceKind
from domain.prompts import mark

MEMORIES = [Source(SourceKind.MEMORY, UUID(int=number)) for number in range(1, 4)]
DOCUMENT = Source(SourceKind.DOCUMENT, UUID(int=9))


def read(pieces: list[str], citations: Citations) -> str:
    shown = "".join([citations.read(piece) for piece in pieces])
    return shown + citations.rest()


@pytest.mark.parametrize(
    ("answer", "shown", "cited"),
    [
        pytest.param("Her name is Mia [[1]].", "Her name is Mia.", [1], id="behind a sentence"),
        pytest.param("Mia [[2]][[1]] and [[2]]", "Mia and", [2, 1], id="each once, in order"),
        pytest.param("Mia [[1, 3]]!", "Mia!", [1, 3], id="several in one"),
        pytest.param("Mia [[ 1 ]]", "Mia", [1], id="with spaces"),
        pytest.param("Mia [[7]].", "Mia.", [], id="what stands for nothing"),
        pytest.param("Open [[4]] soon", "Open soon", [], id="a document is no memory"),
        pytest.param("a[0] = b[[i]]; x[1]", "a[0] = b[[i]]; x[1]", [], id="other brackets"),
        pytest.param("It ends with [[1", "It ends with [[1", [], id="one that is never closed"),
        pytest.param("Two lines.\n\nMia.", "Two lines.\n\nMia.", [], id="none at all"),
        pytest.param("Mia [[1,\n2 , 3, ]].", "Mia.", [1, 2, 3], id="with commas and lines between"),
        pytest.param(f"[[{'1' * 5_000}x", f"[[{'1' * 5_000}x", [], id="a number without end"),
        pytest.param(f"[[{'1, ' * 5_000}x", f"[[{'1, ' * 5_000}x", [], id="numbers without end"),
        pytest.param(f"a{' ' * 50_000}b", f"a{' ' * 50_000}b", [], id="spaces without end"),
    ],
)
def test_marks_are_taken_out_and_noted(answer: str, shown: str, cited: list[int]) -> None:
    citations = Citations([*MEMORIES, DOCUMENT])
    assert read([answer], citations) == shown
    assert [each.int for each in citations.memories] == cited


@given(
    st.lists(
        st.sampled_from(
            ["Mia ", "[[1]]", " [[2,3]]", "[", "]]", "[[x]]", "\n", "é [[", "1", " " * 9, ", 3" * 19, ",  "]
        ),
        max_size=12,
    ),
    st.data(),
)
def test_in_whatever_pieces_an_answer_comes_the_same_is_shown_and_noted(parts: list[str], data: st.DataObject) -> None:
    answer = "".join(parts)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(answer)), max_size=6)) | {0, len(answer)})
    whole, cut = Citations(MEMORIES), Citations(MEMORIES)
    expected = read([answer], whole)
    assert read([answer[first:last] for first, last in pairwise(cuts)], cut) == expected
    assert cut.memories == whole.memories


@given(st.text(st.characters(blacklist_characters="[", blacklist_categories=["Cs"]), max_size=80))
def test_an_answer_without_marks_is_shown_as_it_is(answer: str) -> None:
    assert read(list(answer), Citations(MEMORIES)) == answer


def test_what_is_found_later_gets_the_next_number_once() -> None:
    citations = Citations(MEMORIES)
    assert [citations.add(source) for source in (DOCUMENT, MEMORIES[1], DOCUMENT)] == [4, 2, 4]
    assert citations.source(4) == DOCUMENT
    assert citations.source(5) is None
    assert citations.source(0) is None
    assert read([mark(4)], citations) == ""
    assert citations.documents == (DOCUMENT.id,)


def test_long_runs_of_what_may_begin_a_mark_are_shown_as_they_come() -> None:
    answer = ["[[1, "] + ["1, "] * 2_000 + [" "] * 2_000
    citations = Citations(MEMORIES)
    shown = [citations.read(piece) for piece in answer]
    assert max(map(len, shown)) < 300
    assert "".join(shown) + citations.rest() == "".join(answer)
