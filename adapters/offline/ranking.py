"""Which sentences of the passages answer a question, if any: BM25 over sentences, and a demand for coverage."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from adapters.offline.candidates import Candidate, Quote, added, candidates_of
from adapters.offline.headings import opening
from adapters.offline.questions import Unit, deciding, parts_of, units_of
from domain.knowledge import Passage
from domain.ranking import bm25, rarity

_PASSAGE_SHARE = 0.2
_NEARBY = 0.5
_ENOUGH = 0.55
_NEARLY_AS_GOOD = 0.75
_FOLLOWING_SHARE = 0.7
_MOST_SENTENCES = 3
# In a handful of sentences every word is common. Rarity is judged as among this many at least.
_SMALLEST_CORPUS = 30


def best_quotes(question: str, earlier: str, passages: Sequence[Passage], language: str) -> list[Quote]:
    """The one to three sentences that answer `question` best; none when none does.

    Those of one passage stand together, in its order, and the passage of the best sentence comes first. A sentence
    that is only understood after the one before it brings that along. Of several things asked for at once, each has a
    sentence, when no sentence speaks of all of them.

    A sentence answers when it (with its heading, and with half the strength the rest of its passage) covers enough of
    what the question names, where rare words weigh more and words that no passage holds weigh most.
    """
    candidates = candidates_of(passages, language)
    if not candidates:
        return []
    units = units_of(question, earlier, language)
    answer = _with_next(_completed(_answer(units, candidates), candidates), units, candidates)
    parts = parts_of(question, language)[:_MOST_SENTENCES]
    if not _spoken_of(parts, answer):
        answers = [_answer(part, candidates) for part in parts]
        answer = _completed([first[0] for first in answers], candidates) if all(answers) else answer
    return _in_order(answer)


def _spoken_of(parts: Sequence[Sequence[Unit]], answer: Sequence[Candidate]) -> bool:
    """Whether each part of a question has its sentence in the answer, and each sentence its part."""
    return all(any(_holds(one, part) for one in answer) for part in parts) and (
        not parts or all(any(_holds(one, part) for part in parts) for one in answer)
    )


def _holds(candidate: Candidate, part: Sequence[Unit]) -> bool:
    return all(unit.strength(candidate.terms) for unit in part if not unit.light)


def _answer(units: Sequence[Unit], candidates: Sequence[Candidate]) -> list[Candidate]:
    judged = deciding(units)
    if not judged:
        return []
    if first := opening(units, judged, candidates):
        return first
    around = _passage_terms(candidates)
    scores = _scores(units, candidates, around)
    weights = _weights(judged, candidates)
    covered = [_coverage(judged, weights, candidate, around) for candidate in candidates]
    merits = [
        score * share * (_FOLLOWING_SHARE if candidate.follows else 1.0)
        for score, share, candidate in zip(scores, covered, candidates, strict=True)
    ]
    ranked = sorted(
        (place for place, share in enumerate(covered) if share >= _ENOUGH and scores[place] > 0),
        key=lambda place: (-merits[place], place),
    )
    return _chosen(ranked, merits, candidates)


def _passage_terms(candidates: Sequence[Candidate]) -> dict[int, dict[str, float]]:
    around: dict[int, dict[str, float]] = {}
    for candidate in candidates:
        number = candidate.quote.passage
        around[number] = added(around.get(number, {}), candidate.terms)
    return around


def _scores(
    units: Sequence[Unit], candidates: Sequence[Candidate], around: Mapping[int, Mapping[str, float]]
) -> list[float]:
    query: dict[str, float] = {}
    for unit in units:
        for term, share in unit.query.items():
            query[term] = max(query.get(term, 0.0), unit.weight * share)
    by_sentence = bm25(query, [candidate.terms for candidate in candidates])
    by_passage = dict(zip(around, bm25(query, list(around.values())), strict=True))
    return [
        score + _PASSAGE_SHARE * by_passage[candidate.quote.passage]
        for score, candidate in zip(by_sentence, candidates, strict=True)
    ]


def _weights(judged: Sequence[Unit], candidates: Sequence[Candidate]) -> list[float]:
    total = max(len(candidates), _SMALLEST_CORPUS)
    return [
        unit.weight * rarity(sum(unit.strength(candidate.terms) > 0 for candidate in candidates), total)
        for unit in judged
    ]


def _coverage(
    judged: Sequence[Unit],
    weights: Sequence[float],
    candidate: Candidate,
    around: Mapping[int, Mapping[str, float]],
) -> float:
    """The share of what is asked for that the sentence holds, from 0 to 1."""
    nearby = around[candidate.quote.passage]
    held = sum(
        weight * max(unit.strength(candidate.terms), _NEARBY * unit.strength(nearby))
        for unit, weight in zip(judged, weights, strict=True)
    )
    return held / sum(weights)


def _chosen(ranked: Sequence[int], merits: Sequence[float], candidates: Sequence[Candidate]) -> list[Candidate]:
    good = [place for place in ranked if merits[place] >= _NEARLY_AS_GOOD * merits[ranked[0]]][:_MOST_SENTENCES]
    if good and candidates[good[0]].introduces:
        passage = candidates[good[0]].quote.passage
        rest = candidates[good[0] : good[0] + _MOST_SENTENCES]
        return [candidate for candidate in rest if candidate.quote.passage == passage]
    return [candidates[place] for place in good]


def _completed(chosen: Sequence[Candidate], candidates: Sequence[Candidate]) -> list[Candidate]:
    """As many of the `chosen` as there is room for, each with the sentences without which it is not understood."""
    places = {candidate.quote: place for place, candidate in enumerate(candidates)}
    kept: list[Candidate] = []
    for candidate in chosen:
        new = [other for other in _leading_to(candidate, candidates, places) if other not in kept]
        if len(kept) + len(new) <= _MOST_SENTENCES:
            kept.extend(new)
    return kept


def _leading_to(candidate: Candidate, candidates: Sequence[Candidate], places: Mapping[Quote, int]) -> list[Candidate]:
    found = [candidate]
    while found[0].follows and len(found) < _MOST_SENTENCES:
        before = candidates[places[found[0].quote] - 1]
        if before.quote.passage != candidate.quote.passage:
            break
        found.insert(0, before)
    return found


def _with_next(answer: list[Candidate], units: Sequence[Unit], candidates: Sequence[Candidate]) -> list[Candidate]:
    """The answer, and the first sentence that adds to one of it what is asked, when there is room."""
    if len(answer) < _MOST_SENTENCES:
        for one, after in pairwise(candidates):
            if one in answer and after not in answer and _adds(after, one, units):
                return [*answer, after]
    return answer


def _adds(after: Candidate, one: Candidate, units: Sequence[Unit]) -> bool:
    own = dict.fromkeys(after.own, 1.0)
    return (
        after.follows
        and after.quote.passage == one.quote.passage
        and any(unit.strength(own) for unit in units if not unit.light)
    )


def _in_order(chosen: Sequence[Candidate]) -> list[Quote]:
    passages = list(dict.fromkeys(candidate.quote.passage for candidate in chosen))
    return sorted((candidate.quote for candidate in chosen), key=lambda q: (passages.index(q.passage), q.place))
