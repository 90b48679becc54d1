"""What calls of language models take, and the limits that stop them."""

from domain.usage.entries import UsageEntry, UsageSum, day_of
from domain.usage.limits import Limit, LimitReached, ReachedLimit, Spent, limited, reached, scope_of
from domain.usage.tokens import EACH_TURN, prompt_tokens, tokens_in

__all__ = [
    "EACH_TURN",
    "Limit",
    "LimitReached",
    "ReachedLimit",
    "Spent",
    "UsageEntry",
    "UsageSum",
    "day_of",
    "limited",
    "prompt_tokens",
    "reached",
    "scope_of",
    "tokens_in",
]
