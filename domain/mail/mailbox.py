import re
from dataclasses import dataclass
from typing import Self

_LOCAL = r"[^\s@<>()\[\],;:\\\".]+(\.[^\s@<>()\[\],;:\\\".]+)*"
_LABEL = r"[^\W_]([\w-]{0,61}[^\W_])?"
_ADDRESS = re.compile(rf"(?=.{{3,254}}$)(?=[^@]{{1,64}}@){_LOCAL}@{_LABEL}(\.{_LABEL})*")
_NAMED = re.compile(r"(?P<name>[^<>]*?)\s*<(?P<address>[^<>]+)>")
_LONGEST_NAME = 100


class NoMailbox(ValueError):
    """A letter cannot be sent to or from such an address."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address letters go to or come from, and the name shown beside it.

    The address is the `dot-atom` form of RFC 5321, section 4.1.2, also with letters beyond ASCII (RFC 6531). Neither
    part holds control characters, so that no header can be added through it.

    Raises:
        NoMailbox: the address or the name is none.
    """

    address: str
    name: str = ""

    def __post_init__(self) -> None:
        if not (self.address.isprintable() and _ADDRESS.fullmatch(self.address)):
            raise NoMailbox("The address is none that a letter can be sent to.")
        if not self.name.isprintable() or len(self.name) > _LONGEST_NAME:
            raise NoMailbox("The name beside the address is too long or holds control characters.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The mailbox written as `Name <address>`, `"Name" <address>` or `address`.

        Raises:
            NoMailbox: it is written otherwise.
        """
        named = _NAMED.fullmatch(text)
        if named is None:
            return cls(text)
        return cls(named["address"], named["name"].strip('"').strip())

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]
