import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.snowball.stemmer import SnowballStemmer
from domain.knowledge.matching import PHRASE_SHARE, Indexed, Wanted, scores, wanted
from domain.knowledge.terms import MOST_WORDS, TYPO_WEIGHT, Term, folded, neighbours, pairs, query_terms, terms

STEMS = SnowballStemmer().stems
LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=12)


def as_they_are(words: Sequence[str], _language: str) -> Sequence[str]:
    return words


def term(word: str) -> Term:
    return Term(word, (word,))


def passage(text: str) -> Indexed:
    return Indexed.of(terms(text, "en", STEMS))


@pytest.mark.parametrize(
    ("word", "plain"),
    [
        ("Café", "cafe"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
        ("Łódź", "lodz"),
        ("Ærø", "aero"),
        ("ﬁn", "fin"),
        ("İstanbul", "istanbul"),
        ("ΆΝΟΙΞΗ", "ανοιξη"),
        ("йод", "йод"),
        ("ёлка", "елка"),
        ("한국", "한국"),
    ],
)
def test_folding_leaves_letters_without_case_and_accents(word: str, plain: str) -> None:
    assert folded(word) == plain


@given(st.text())
def test_folding_once_is_enough_and_does_not_tell_compositions_apart(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert folded(unicodedata.normalize("NFD", text)) == folded(unicodedata.normalize("NFC", text))


def test_a_word_has_the_stem_of_itself_and_of_what_is_left_without_accents() -> None:
    assert terms("Die Häuser", "de", STEMS) == [Term("hauser", ("haus",))]
    assert terms("préférée", "fr", STEMS) == [Term("preferee", ("prefer", "prefere"))]


def test_a_word_is_found_by_its_stems_and_by_itself() -> None:
    assert Term("preferee", ("prefer", "prefere")).forms == ("prefer", "prefere", "preferee")
    assert Term("haus", ("haus",)).forms == ("haus",)
    assert Term("x" * 200, ("x" * 100,)).forms == ("x" * 100,)


@given(st.text(max_size=60), st.sampled_from(["en", "de", "ru"]), st.sampled_from(["fr", "cs", "xx"]))
def test_a_word_shares_a_form_with_itself_in_every_other_language(text: str, one: str, other: str) -> None:
    ours, theirs = ({each.word: each for each in terms(text, language, STEMS)} for language in (one, other))
    for word in ours.keys() & theirs.keys():
        assert not set(ours[word].forms).isdisjoint(theirs[word].forms)


@given(st.text(max_size=60), st.sampled_from(["en", "de", "cs", "fr", "ru", "xx", ""]))
def test_every_word_has_a_form_that_is_made_of_its_letters_alone(text: str, language: str) -> None:
    for found in terms(text, language, STEMS):
        assert STEMS([found.word], language)[0][:100] in found.forms
        assert all(form == form[:100] for form in found.forms)


def test_a_query_counts_each_word_once_and_its_first_words_alone() -> None:
    assert [each.word for each in query_terms("Boats, a boat and sails", "en", STEMS)] == ["boats", "sails"]
    many = " ".join(f"word{number}" for number in range(MOST_WORDS + 5))
    assert len(query_terms(many, "en", STEMS)) == MOST_WORDS


def test_pairs_are_those_that_follow_each_other() -> None:
    assert pairs([]) == pairs(["one"]) == []
    assert pairs(["one", "two", "three"]) == [(0, 1), (1, 2)]


@given(LETTERS, st.data())
def test_every_single_typo_is_among_the_neighbours(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    typos = {
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word + letter,
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    }
    assert typos - {word} <= neighbours(term(word), "xx", as_they_are)


@given(LETTERS)
def test_neighbours_differ_by_a_single_typo_and_know_each_other(word: str) -> None:
    for near in sorted(neighbours(term(word), "xx", as_they_are))[::40]:
        assert abs(len(near) - len(word)) <= 1
        assert len(near) < 4 or word in neighbours(term(near), "xx", as_they_are)


@pytest.mark.parametrize("word", ["cat", "1205", "a1b2c3", "x" * 25])
def test_what_is_no_word_of_4_to_24_letters_has_no_neighbours(word: str) -> None:
    assert neighbours(term(word), "en", STEMS) == frozenset()


@pytest.mark.parametrize(("typed", "meant"), [("гавнь", "гавань"), ("λιμνι", "λιμανι"), ("גללים", "גלים")])
def test_other_alphabets_have_neighbours_too(typed: str, meant: str) -> None:
    assert meant in neighbours(term(typed), "xx", as_they_are)


def test_of_letters_without_an_alphabet_those_of_the_word_itself_are_tried() -> None:
    found = neighbours(term("한국사람"), "xx", as_they_are)
    assert {"한국람", "국한사람", "한국사사람"} <= found
    assert "한국서람" not in found


def test_a_word_that_nothing_holds_is_looked_for_by_its_neighbours_that_are_there() -> None:
    held = {"harbour", "sail", "boat"}
    asked = query_terms("harbur sail wedding", "en", STEMS)
    assert wanted(asked, held, "en", STEMS) == [
        Wanted(frozenset({"harbour"}), frozenset({"harbour"}), TYPO_WEIGHT),
        Wanted(frozenset({"sail"}), frozenset({"sail"})),
        Wanted(frozenset({"wed", "wedding"}), frozenset({"wed"})),
    ]


def test_a_phrase_raises_the_score_by_its_share() -> None:
    asked = wanted(query_terms("gift card", "en", STEMS), {"gift", "card"}, "en", STEMS)
    apart, together = scores(asked, [passage("gift boat card"), passage("boat gift card")])
    assert together == pytest.approx(apart * (1 + PHRASE_SHARE))


def test_a_passage_without_a_word_of_the_query_scores_nothing() -> None:
    asked = wanted(query_terms("gift", "en", STEMS), {"boat"}, "en", STEMS)
    assert scores(asked, [passage("a boat"), passage("")]) == [0, 0]
    assert scores([], [passage("a boat")]) == [0]
