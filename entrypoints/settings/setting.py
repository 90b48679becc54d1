from dataclasses import dataclass
from typing import Any

from entrypoints.settings.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is known of one variable.

    `default` is the text that counts while the variable is unset, `in_production` the one that counts there
    instead; `None` leaves the field `None`. A `secret` is never shown, neither in errors nor in a `repr`. Text of
    several `lines` is taken only where it says so.
    """

    effect: str
    kind: Kind[Any]
    default: str | None = None
    in_production: str | None = None
    secret: bool = False
    lines: bool = False

    def read(self, text: str | None, *, production: bool) -> Any:
        """The field's value; raises `ValueError` for a text that `kind` does not take."""
        unset = self.in_production if production and self.in_production is not None else self.default
        text = unset if text is None else text
        return None if text is None else self.kind.read(text)
