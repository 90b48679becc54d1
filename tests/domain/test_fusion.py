from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import PassageId
from domain.knowledge import Parts, Weights, contenders, fused, recency, repeats, tier_worth, use
from domain.memories import Tier
from domain.words import words

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LEAST = 0.88

ids = st.sampled_from([PassageId(UUID(int=number)) for number in range(61)])
rankings = st.lists(ids, unique=True, max_size=40)
weights = st.builds(Weights, lexical=st.floats(0.01, 100), semantic=st.floats(0.01, 100))
shares = st.floats(0, 1)


def passages(*numbers: int) -> list[PassageId]:
    return [PassageId(UUID(int=number)) for number in numbers]


def test_the_first_of_both_rankings_is_worth_one_in_the_proportion_of_the_weights() -> None:
    (best,) = passages(1)
    worth = fused([best], [best], Weights(lexical=3, semantic=1))

    assert worth[best] == pytest.approx((0.75, 0.25))


def test_a_ranking_that_is_empty_has_no_say() -> None:
    first, second = passages(1, 2)

    assert fused([first, second], [], Weights())[first] == (1.0, 0.0)
    assert fused([], [first, second], Weights(semantic=0.1))[first] == (0.0, 1.0)
    assert fused([], [], Weights()) == {}


def test_what_both_rankings_know_comes_before_what_only_one_does() -> None:
    one, other, both = passages(1, 2, 3)
    worth = fused([one, both], [other, both], Weights())

    assert max(worth, key=lambda key: sum(worth[key])) == both


@given(lexical=rankings, semantic=rankings, weights=weights)
def test_worth_is_of_all_that_was_ranked_and_together_at_most_one(
    lexical: list[PassageId], semantic: list[PassageId], weights: Weights
) -> None:
    worth = fused(lexical, semantic, weights)

    assert worth.keys() == {*lexical, *semantic}
    assert all(by_words >= 0 and by_meaning >= 0 for by_words, by_meaning in worth.values())
    assert all(0 < sum(legs) <= 1 + 1e-9 for legs in worth.values())
    assert fused(lexical, semantic, weights) == worth


@given(lexical=rankings, semantic=rankings, weights=weights, data=st.data())
def test_a_better_place_in_a_ranking_is_never_worth_less(
    lexical: list[PassageId], semantic: list[PassageId], weights: Weights, data: st.DataObject
) -> None:
    worth = fused(lexical, semantic, weights)

    for leg, ranking in enumerate((lexical, semantic)):
        values = [worth[key][leg] for key in ranking]
        assert values == sorted(values, reverse=True)
        if len(ranking) > 1:
            at = data.draw(st.integers(0, len(ranking) - 2))
            assert values[at] > values[at + 1]


@given(legs=st.tuples(shares, shares), recent=shares, tier=shares, used=shares)
def test_a_score_is_from_0_to_1_and_its_factor_is_bounded(
    legs: tuple[float, float], recent: float, tier: float, used: float
) -> None:
    lexical, semantic = legs[0], legs[1] * (1 - legs[0])
    score = Parts(lexical=lexical, semantic=semantic, recency=recent, tier=tier, use=used).score

    assert 0 <= score <= 1
    assert LEAST * (lexical + semantic) - 1e-9 <= score <= lexical + semantic + 1e-9


@given(lexical=rankings, semantic=rankings, weights=weights, limit=st.integers(1, 30), data=st.data())
def test_who_cannot_be_among_the_best_is_left_out_and_nobody_else(
    lexical: list[PassageId], semantic: list[PassageId], weights: Weights, limit: int, data: st.DataObject
) -> None:
    worth = fused(lexical, semantic, weights)
    more = {key: data.draw(st.tuples(shares, shares, shares), label=str(key)) for key in worth}
    scores = {
        key: Parts(lexical=a, semantic=b, recency=more[key][0], tier=more[key][1], use=more[key][2]).score
        for key, (a, b) in worth.items()
    }
    best = sorted(scores, key=lambda key: (-scores[key], key))[:limit]
    kept = contenders(worth, limit)

    assert set(best) <= set(kept) <= worth.keys()
    assert len(kept) >= min(limit, len(worth))


def test_of_many_only_those_near_the_best_remain() -> None:
    ranking = passages(*range(100))

    assert len(contenders(fused(ranking, ranking, Weights()), 10)) < 30


@given(days=st.floats(0, 10_000), more=st.floats(0, 10_000))
def test_what_is_newer_is_never_less_recent(days: float, more: float) -> None:
    newer, older = (recency(NOW - timedelta(days=age), NOW) for age in (days, days + more))

    assert 0 <= older <= newer <= 1


def test_recency_halves_every_90_days_and_what_is_to_come_is_new() -> None:
    assert [recency(NOW - timedelta(days=days), NOW) for days in (0, 90, 180)] == [1, 0.5, 0.25]
    assert recency(NOW + timedelta(days=7), NOW) == 1


@given(times=st.integers(0, 10**9))
def test_each_use_counts_a_little_less(times: int) -> None:
    assert 0 <= use(times) <= use(times + 1) <= 1
    assert use(0) == 0
    assert use(8) == 0.5


def test_a_lasting_tier_is_worth_more() -> None:
    worth = [tier_worth(tier) for tier in (Tier.PERSONAL, Tier.PROJECT, None, Tier.TASK)]

    assert worth == sorted(worth, reverse=True)
    assert all(0 <= each <= 1 for each in worth)


def test_what_says_nearly_the_same_as_one_before_repeats_it() -> None:
    texts = [
        "The studio is open from nine to five on Mondays and Tuesdays.",
        "Bring old clothes.",
        "the studio is OPEN on Mondays and Tuesdays, from nine to five!",
        "The studio is closed on Sundays.",
        "Bring old clothes",
    ]

    assert repeats(texts) == (False, False, True, False, True)


def test_texts_without_words_repeat_nothing() -> None:
    assert repeats(["", "…", ""]) == (False, False, False)


@given(texts=st.lists(st.text(alphabet="ab ", max_size=12), max_size=8))
def test_the_first_of_all_repeats_nothing_and_the_same_text_always_does(texts: list[str]) -> None:
    marked = repeats([*texts, *texts])

    assert not any(marked[:1])
    assert all(marked[place] for place in range(len(texts), 2 * len(texts)) if texts[place - len(texts)].strip())


@given(one=st.text(max_size=40), other=st.text(max_size=40))
def test_a_text_repeats_another_when_four_in_five_of_their_words_are_the_same(one: str, other: str) -> None:
    first, second = set(words(one)), set(words(other))
    alike = bool(first & second) and len(first & second) >= 0.8 * len(first | second)

    assert repeats([one, other]) == (False, alike)
