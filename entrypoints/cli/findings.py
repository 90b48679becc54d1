from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is well (None: nobody's fault), and what was found or is to be done."""

    subject: str
    well: bool | None
    words: str

    def __str__(self) -> str:
        mark = {True: "ok  ", False: "BAD ", None: "-   "}[self.well]
        return f"{mark}{self.subject:<12}{self.words}"
