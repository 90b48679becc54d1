"""Text as it may enter: bounded, and free of what no database can store."""

import re

from domain.errors import Fault, Invalid

_UNREADABLE = re.compile("[\\x00\\ud800-\\udfff]")


def text(value: str, *, at: str, most: int, least: int = 0) -> str:
    """`value` without surrounding white space.

    Raises:
        Invalid: at the JSON pointer `at`: too short or too long (in Unicode code points), a NUL, or a lone surrogate.
    """
    stripped = value.strip()
    if _UNREADABLE.search(stripped):
        raise Invalid(Fault(at, "bad_text", "Text may hold neither NUL nor half of a surrogate pair."))
    if len(stripped) < least:
        sentence = "Text is missing." if least == 1 else f"Text must have at least {least} characters."
        raise Invalid(Fault(at, "too_short", sentence))
    if len(stripped) > most:
        raise Invalid(Fault(at, "too_long", f"Text may have at most {most} characters, not {len(stripped)}."))
    return stripped


def optional_text(value: str | None, *, at: str, most: int) -> str | None:
    """As `text`; blank becomes None."""
    return None if value is None else text(value, at=at, most=most) or None


def readable(value: str) -> str:
    """`value` with whatever `text` would refuse left out: for text of machines, which cannot be asked to mend it."""
    return _UNREADABLE.sub("", value)


def language_tag(value: str, *, at: str = "/language") -> str:
    """`value`, which names a language.

    Raises:
        Invalid: at the JSON pointer `at`: it has not the form of a BCP 47 tag.
    """
    if not re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", value):
        raise Invalid(Fault(at, "bad_language", "A language is a BCP 47 tag such as 'en' or 'pt-BR'."))
    return value
