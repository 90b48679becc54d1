"""What msgspec says of a value, told with its place."""

import re
from collections.abc import Mapping, Sequence

from msgspec import inspect

from domain.errors import Fault

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_NAMED = re.compile(r"^Object (?P<problem>contains unknown|missing required) field `(?P<name>.*)`$", re.DOTALL)
_TYPE = re.compile(r"^Expected `[^`]*`, got ")
_WORDS: Mapping[str, str] = {"str": "string", "int": "integer", "bool": "boolean", "float": "number"}
_LONGEST_NAME = 100


def fault_of(message: str, *inside: str, of: object = None) -> Fault:
    """The fault that a `msgspec.ValidationError` with this message found.

    Args:
        message: of the error.
        inside: the part of the request that was decoded.
        of: the type it was decoded as, of which values that are taken are told; None where it is not known.
    """
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
    if what.startswith("Invalid enum value") and (taken := _taken(of, steps)):
        return Fault(pointer(*inside, *steps), "invalid", f"{_plain(what)}; it is one of {taken}.")
    code = "wrong_type" if _TYPE.match(what) else "invalid"
    return Fault(pointer(*inside, *steps), code, f"{_plain(what)}.")


def pointer(*steps: str) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _taken(of: object, steps: Sequence[str]) -> str:
    """The closed set of values at the end of these steps into a type, as words; empty where there is none."""
    found = inspect.type_info(of)
    for step in steps:
        found = _part(found, step)
    members = (member for member in _alternatives(found) if isinstance(member, inspect.EnumType))
    return ", ".join(f"'{value}'" for member in members for value in member.cls)


def _part(of: inspect.Type, step: str) -> inspect.Type:
    for kind in _alternatives(of):
        if isinstance(kind, inspect.StructType):
            return next((field.type for field in kind.fields if field.encode_name == step), inspect.AnyType())
        if isinstance(kind, inspect.ListType):
            return kind.item_type
    return inspect.AnyType()


def _alternatives(of: inspect.Type) -> Sequence[inspect.Type]:
    if isinstance(of, inspect.Metadata):
        return _alternatives(of.type)
    return of.types if isinstance(of, inspect.UnionType) else (of,)


def _plain(text: str) -> str:
    return re.sub(r"`([^`]*)`", lambda quoted: _word(quoted[1]), text)


def _word(types: str) -> str:
    return " or ".join(_WORDS.get(name, name) for name in types.split(" | "))
