from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from domain.mail import MailKind


class ValuesMissing(ValueError):
    """A template asks for a value that it is not given: a mistake of ours. The message names the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The parts of a letter: a subject of one line, and the same words as plain text and as HTML."""

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


class Letters(Protocol):
    """The words of letters, a template for each kind."""

    def write(self, kind: MailKind, values: Mapping[str, str]) -> Written:
        """The letter with `values` as they are: in HTML never taken for markup, nowhere for a template.

        `values` are those of its `Content`, `link`, and for an optional kind `preferences`, both absolute.

        Raises:
            ValuesMissing: the template needs another.
        """
        ...
