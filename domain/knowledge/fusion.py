"""One ranking from two: by words and by meaning, and then a little by age, tier and use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.ids import PassageId
from domain.memories.tiers import Tier

DEPTH = 50
"""How far down each of the two rankings is read, at least."""
_FLATNESS = 40
_RECENCY_SHARE = 0.06
_TIER_SHARE = 0.03
_USE_SHARE = 0.03
_HALF_LIFE_DAYS = 90.0
_USE_SATURATION = 8.0
_LEAST_FACTOR = 1 - _RECENCY_SHARE - _TIER_SHARE - _USE_SHARE
_ROUNDING = 1e-9
_TIERS: Mapping[Tier | None, float] = {Tier.PERSONAL: 1.0, Tier.PROJECT: 0.6, None: 0.5, Tier.TASK: 0.3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each ranking counts."""

    lexical: float = 1.0
    semantic: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Why something was found where it was, each from 0 to 1: the score is `lexical` + `semantic`, times a factor."""

    lexical: float = 0.0
    semantic: float = 0.0
    recency: float = 0.0
    tier: float = 0.0
    use: float = 0.0

    @property
    def score(self) -> float:
        """From 0 to 1: with nothing but words and meaning at most 0.88, the rest by how recent, lasting and used."""
        more = _RECENCY_SHARE * self.recency + _TIER_SHARE * self.tier + _USE_SHARE * self.use
        return min(1.0, (self.lexical + self.semantic) * (_LEAST_FACTOR + more))


def fused(
    lexical: Sequence[PassageId], semantic: Sequence[PassageId], weights: Weights
) -> Mapping[PassageId, tuple[float, float]]:
    """For each passage of either ranking what its place there is worth, by words and by meaning; together at most 1.

    Reciprocal rank fusion: G. Cormack, C. Clarke and S. Büttcher, "Reciprocal rank fusion outperforms Condorcet and
    individual rank learning methods", SIGIR 2009; weighted, and divided by what the first of both gets. Theirs is k =
    60; here it is 40, which on tests/quality finds a little more, and which hardly matters from 5 to 120. A ranking
    that is empty has no say, and the other has all.
    """
    by_words = weights.lexical if lexical else 0.0
    by_meaning = weights.semantic if semantic else 0.0
    unit = (_FLATNESS + 1) / ((by_words + by_meaning) or 1.0)
    worth = {key: (unit * by_words / (_FLATNESS + rank), 0.0) for rank, key in enumerate(lexical, start=1)}
    for rank, key in enumerate(semantic, start=1):
        known, _ = worth.get(key, (0.0, 0.0))
        worth[key] = (known, unit * by_meaning / (_FLATNESS + rank))
    return worth


def contenders(worth: Mapping[PassageId, tuple[float, float]], limit: int) -> Sequence[PassageId]:
    """Those of `worth` that can be among the best `limit`, whatever their recency, tier and use turn out to be."""
    sums = {key: sum(legs) for key, legs in worth.items()}
    best = sorted(sums.values(), reverse=True)[:limit]
    least = best[-1] * _LEAST_FACTOR - _ROUNDING if best else 0.0
    return [key for key, legs in sums.items() if legs >= least]


def recency(at: datetime, now: datetime) -> float:
    """1 for what is new, halved every 90 days.

    Exponential decay, as of memories in J. S. Park et al., "Generative Agents: Interactive Simulacra of Human
    Behavior", UIST 2023, with days instead of hours.
    """
    days = max(0.0, (now - at).total_seconds() / 86_400)
    return float(0.5 ** (days / _HALF_LIFE_DAYS))


def tier_worth(tier: Tier | None) -> float:
    """How lasting a tier is, 1 the most; None is of what is no memory."""
    return _TIERS[tier]


def use(times: int) -> float:
    """0 for what was never recalled, towards 1 with each time: n / (n + 8), as BM25 saturates the count of a word."""
    return times / (times + _USE_SATURATION)
