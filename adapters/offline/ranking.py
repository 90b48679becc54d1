"""Which sentences of the passages answer a question, if any: BM25 over sentences, and a demand for coverage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.offline.lexicon import lexicon, phrases_in, said_in
from adapters.offline.questions import Unit, concept, deciding, units_of
from adapters.offline.sentences import plain
from adapters.offline.stems import stems
from domain.knowledge import Passage, sentences
from domain.ranking import bm25, counted, rarity

_HEADING_WEIGHT = 0.7
_PASSAGE_SHARE = 0.2
_NEARBY = 0.5
_ENOUGH = 0.55
_NEARLY_AS_GOOD = 0.75
_MOST_SENTENCES = 3
_MOST_CANDIDATES = 2_000
# In a handful of sentences every word is common. Rarity is judged as among this many at least.
_SMALLEST_CORPUS = 30


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a passage: `passage` and `place` are positions among the prompt's passages and in the passage."""

    passage: int
    place: int
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    quote: Quote
    terms: Mapping[str, float]
    introduces: bool


def best_quotes(question: str, earlier: str, passages: Sequence[Passage], language: str) -> list[Quote]:
    """The one to three sentences that answer `question` best; none when none does.

    Those of one passage stand together, in its order, and the passage of the best sentence comes first.

    A sentence answers when it (with its heading, and with half the strength the rest of its passage) covers enough of
    what the question names, where rare words weigh more and words that no passage holds weigh most.
    """
    candidates = _candidates(passages, language)
    units = units_of(question, earlier, language)
    judged = deciding(units)
    if not candidates or not judged:
        return []
    around = _passage_terms(candidates)
    scores = _scores(units, candidates, around)
    weights = _weights(judged, candidates)
    covered = [_coverage(judged, weights, candidate, around) for candidate in candidates]
    ranked = sorted(
        (place for place, share in enumerate(covered) if share >= _ENOUGH and scores[place] > 0),
        key=lambda place: (-scores[place] * covered[place], place),
    )
    return _chosen(ranked, [score * share for score, share in zip(scores, covered, strict=True)], candidates)


def _candidates(passages: Sequence[Passage], language: str) -> list[_Candidate]:
    found: dict[str, _Candidate] = {}
    for number, passage in enumerate(passages):
        heading = counted(_terms(passage.heading, language), _HEADING_WEIGHT)
        for place, sentence in enumerate(sentences(passage.text)):
            if (text := plain(sentence)) and text not in found and len(found) < _MOST_CANDIDATES:
                quote = Quote(number, place, passage.heading.rpartition("›")[2].strip(), text)
                terms = _added(counted(_terms(text, language)), heading)
                found[text] = _Candidate(quote, terms, text.endswith(":"))
    return list(found.values())


def _terms(text: str, language: str) -> list[str]:
    """The stems of `text`, and the concepts it speaks of."""
    table = lexicon(language)
    found = stems(text, language)
    spoken = {name for root in found for name in table.by_stem.get(root, ())}
    spoken.update(table.by_phrase[phrase] for phrase in phrases_in(text, table.by_phrase))
    spoken.update(said_in(text))
    return [*found, *(concept(name) for name in sorted(spoken))]


def _added(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {term: one.get(term, 0.0) + other.get(term, 0.0) for term in {**one, **other}}


def _passage_terms(candidates: Sequence[_Candidate]) -> dict[int, dict[str, float]]:
    around: dict[int, dict[str, float]] = {}
    for candidate in candidates:
        number = candidate.quote.passage
        around[number] = _added(around.get(number, {}), candidate.terms)
    return around


def _scores(
    units: Sequence[Unit], candidates: Sequence[_Candidate], around: Mapping[int, Mapping[str, float]]
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


def _weights(judged: Sequence[Unit], candidates: Sequence[_Candidate]) -> list[float]:
    total = max(len(candidates), _SMALLEST_CORPUS)
    return [
        unit.weight * rarity(sum(unit.strength(candidate.terms) > 0 for candidate in candidates), total)
        for unit in judged
    ]


def _coverage(
    judged: Sequence[Unit],
    weights: Sequence[float],
    candidate: _Candidate,
    around: Mapping[int, Mapping[str, float]],
) -> float:
    """The share of what is asked for that the sentence holds, from 0 to 1."""
    nearby = around[candidate.quote.passage]
    held = sum(
        weight * max(unit.strength(candidate.terms), _NEARBY * unit.strength(nearby))
        for unit, weight in zip(judged, weights, strict=True)
    )
    return held / sum(weights)


def _chosen(ranked: Sequence[int], merits: Sequence[float], candidates: Sequence[_Candidate]) -> list[Quote]:
    good = [place for place in ranked if merits[place] >= _NEARLY_AS_GOOD * merits[ranked[0]]][:_MOST_SENTENCES]
    if good and candidates[good[0]].introduces:
        passage = candidates[good[0]].quote.passage
        rest = range(good[0], min(good[0] + _MOST_SENTENCES, len(candidates)))
        good = [place for place in rest if candidates[place].quote.passage == passage]
    passages = list(dict.fromkeys(candidates[place].quote.passage for place in good))
    return sorted((candidates[place].quote for place in good), key=lambda q: (passages.index(q.passage), q.place))
