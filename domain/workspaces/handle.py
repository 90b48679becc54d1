import re
import unicodedata
from dataclasses import dataclass
from typing import Self

from domain.errors import Conflict, Fault, Invalid

HANDLE_PATTERN = "^[a-z0-9]+(?:-[a-z0-9]+)*$"
HANDLE_LENGTHS = (3, 63)
RESERVED_HANDLES = frozenset(
    "about account accounts admin admins administrator api app apps assets auth billing blog chat console contact "
    "dashboard desk docs embed flightdeck health healthz help home inbound invite invites login logout mail me metrics "
    "new none null oauth openapi owner privacy public readyz root security settings signin signup static status "
    "support system terms undefined user users webhook webhooks workspace workspaces www".split()
)


class HandleTaken(Conflict):
    """Another workspace has this handle."""

    code = "handle_taken"
    detail = "This handle is taken. Choose another."


@dataclass(frozen=True, slots=True)
class Handle:
    """A workspace's public name in addresses: lower case letters, digits and single hyphens, 3 to 63 characters.

    Raises:
        Invalid: the value is no such name, or reserved.
    """

    value: str

    def __post_init__(self) -> None:
        least, most = HANDLE_LENGTHS
        if not least <= len(self.value) <= most or not re.fullmatch(HANDLE_PATTERN[1:-1], self.value):
            sentence = f"A handle has {least} to {most} lower case letters, digits and single hyphens between them."
            raise Invalid(Fault("/handle", "bad_handle", sentence))
        if self.value in RESERVED_HANDLES:
            raise Invalid(Fault("/handle", "reserved_handle", f"The handle '{self.value}' is reserved."))

    def __str__(self) -> str:
        return self.value

    @classmethod
    def from_email(cls, email: str) -> Self:
        """A valid handle made of the e-mail's local part, whatever that holds."""
        local = unicodedata.normalize("NFKD", email.rpartition("@")[0] or email).lower()
        words = re.findall("[a-z0-9]+", local.encode("ascii", "ignore").decode())
        name = "-".join(words)[: HANDLE_LENGTHS[1] - len("-space")].strip("-")
        if len(name) < HANDLE_LENGTHS[0] or name in RESERVED_HANDLES:
            name = f"{name}-space".lstrip("-")
        return cls(name)

    def numbered(self, number: int) -> Self:
        """This handle with `-<number>` behind it, shortened where it must be."""
        suffix = f"-{number}"
        return type(self)(self.value[: HANDLE_LENGTHS[1] - len(suffix)].rstrip("-") + suffix)
