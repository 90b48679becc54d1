"""What msgspec says of a value, told with its place."""

import re
from collections.abc import Mapping

from domain.errors import Fault

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_NAMED = re.compile(r"^Object (?P<problem>contains unknown|missing required) field `(?P<name>.*)`$", re.DOTALL)
_TYPE = re.compile(r"^Expected `[^`]*`, got ")
_WORDS: Mapping[str, str] = {"str": "string", "int": "integer", "bool": "boolean", "float": "number"}
_LONGEST_NAME = 100


def fault_of(message: str, *inside: str) -> Fault:
    """The fault that a `msgspec.ValidationError` with this message found, in the part of the request `inside`."""
    parts = _PLACE.match(message)
    what, path = (parts["what"], parts["path"] or "") if parts else (message, "")
    # A key of a mapping is shown as `[...]`: the pointer ends at the mapping.
    steps = [name or index for name, index in _STEP.findall(path.partition("[...]")[0])]
    named = _NAMED.match(what)
    if named:
        name = named["name"][:_LONGEST_NAME]
        unknown = named["problem"].endswith("unknown")
        code, sentence = ("unknown_field", "is not known here") if unknown else ("missing", "is missing")
        return Fault(pointer(*inside, *steps, name), code, f"'{name}' {sentence}.")
    code = "wrong_type" if _TYPE.match(what) else "invalid"
    return Fault(pointer(*inside, *steps), code, f"{_plain(what)}.")


def pointer(*steps: str) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _plain(text: str) -> str:
    return re.sub(r"`([^`]*)`", lambda quoted: _word(quoted[1]), text)


def _word(types: str) -> str:
    return " or ".join(_WORDS.get(name, name) for name in types.split(" | "))
