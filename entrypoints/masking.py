"""Keeping secrets out of what is logged and reported."""

import math
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, cast

_MASK = "…"
_SECRET_NAME = re.compile(
    r"authorization|token|secret|password|passwd|api[-_]?key|private[-_]?key|credential|cookie|dsn|(database|redis)_url",
    re.IGNORECASE,
)
_SHAPES = (
    (re.compile(r"fd_(key|visitor|session|agent|device|invite)_[\w-]+"), rf"fd_\1_{_MASK}"),
    (re.compile(r"\b(bearer)\s+[^\s\"'…]{16,}", re.IGNORECASE), rf"\1 {_MASK}"),
    (re.compile(r"(?<=://)[^\s/@]+@"), f"{_MASK}@"),
    (
        re.compile(r"((?:token|secret|password|api[-_]?key)(?:=|[\"']\s*:\s*))[\"']?[^\s\"',;&)}…]+", re.IGNORECASE),
        rf"\1{_MASK}",
    ),
)
_PLAIN = re.compile(r"[\w.:/{}-]{0,200}", re.ASCII)
"""A text in which no shape is: but for our own tokens, each needs a sign that is none of these."""
_DEEPEST = 8
_LONGEST = 20_000


def masked(value: Any, depth: int = _DEEPEST) -> Any:
    """`value` for a log: numbers, strings, lists and dicts only, bounded in size, without the secrets in it.

    A secret is known by the name it stands under (numbers are spared: `input_tokens` is a count) or by its shape,
    anywhere in any string: our own tokens, bearer credentials, passwords in addresses and assignments.
    """
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if depth and isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return {_text(name): _under(name, inner, depth - 1) for name, inner in pairs}
    if depth and isinstance(value, Collection) and not isinstance(value, str | bytes | bytearray):
        return [masked(inner, depth - 1) for inner in cast("Collection[object]", value)]
    return _text(value)


def _under(name: object, value: Any, depth: int) -> Any:
    spared = value is None or isinstance(value, bool | int | float)
    return masked(value, depth) if spared or not _is_secret(str(name)) else _MASK


@lru_cache(1024)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _text(value: object) -> str:
    if type(value) is str:
        text = value
    else:
        text = _MASK if isinstance(value, Mapping | list | tuple | set | frozenset) else str(value)
    # Most lines hold nothing of the kind, and each request writes one.
    if "fd_" in text or not _PLAIN.fullmatch(text):
        for shape, mask in _SHAPES:
            text = shape.sub(mask, text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}{_MASK}"
