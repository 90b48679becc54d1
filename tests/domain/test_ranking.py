from math import isclose, log

from hypothesis import given
from hypothesis import strategies as st

from domain.ranking import bm25, counted, rarity

WORDS = st.dictionaries(st.sampled_from("abcdef"), st.floats(0.1, 10), max_size=5)


def test_a_document_that_shares_no_word_scores_nothing() -> None:
    assert bm25({"a": 1.0}, [{"b": 1.0}, {"a": 1.0}])[0] == 0


def test_the_score_is_that_of_the_formula() -> None:
    (score, _) = bm25({"a": 1.0}, [{"a": 2.0, "b": 2.0}, {"b": 2.0}])

    length = 4 / 3
    expected = log(1 + 1.5 / 1.5) * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * length))
    assert isclose(score, expected)


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    documents = [{"common": 1.0, "x": 1.0}, {"common": 1.0, "y": 1.0}, {"rare": 1.0, "z": 1.0}]

    scores = bm25({"common": 1.0, "rare": 1.0}, documents)

    assert scores[2] > scores[0] == scores[1] > 0


def test_a_short_document_scores_more_than_a_long_one_with_the_same_word() -> None:
    short, long = bm25({"a": 1.0}, [{"a": 1.0}, {"a": 1.0, "b": 9.0}])

    assert short > long


def test_repeating_a_word_helps_less_and_less() -> None:
    once, twice, thrice = bm25({"a": 1.0}, [{"a": n, "b": 9.0 - n} for n in (1.0, 2.0, 3.0)])

    assert twice - once > thrice - twice > 0


def test_nothing_to_rank_and_empty_documents_are_ranked() -> None:
    assert bm25({"a": 1.0}, []) == ()
    assert bm25({"a": 1.0}, [{}, {}]) == (0, 0)


def test_words_are_counted_with_their_weight() -> None:
    assert counted(["a", "b", "a"], 0.5) == {"a": 1.0, "b": 0.5}


def test_a_word_that_no_document_holds_is_the_rarest() -> None:
    assert rarity(0, 10) > rarity(1, 10) > rarity(10, 10) > 0


@given(query=WORDS, documents=st.lists(WORDS, max_size=6))
def test_scores_are_positive_exactly_for_documents_that_share_a_word(
    query: dict[str, float], documents: list[dict[str, float]]
) -> None:
    scores = bm25(query, documents)

    assert [score > 0 for score in scores] == [bool(query.keys() & document.keys()) for document in documents]
