"""What a grammar holds: patterns of how people tell of themselves."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SECRET: Final = re.compile(
    r"\b(?:pass ?words?|passcodes?|pass ?phrases?|pin|cvv|cvc|iban|ssn|social security|(?:credit|debit|bank) card"
    r"|card number|api[ -]?keys?|access token|private key|seed phrase|passwort|kennwort|geheimzahl|kreditkarte"
    r"|contraseña|clave|tarjeta|mot de passe|code secret|carte bancaire|heslo|platební kart\w+)\b",
    re.IGNORECASE,
)
"""What nobody wants found in a memory, in whatever language."""


class Says(StrEnum):
    """What a sentence tells of the one who says it."""

    NAME = "name"
    FACT = "fact"
    EVENT = "event"
    TASTE = "taste"
    TASK = "task"
    DATED_TASK = "dated_task"
    GOAL = "goal"
    STRESS = "stress"


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """The patterns of one language, without case but for names.

    Attributes:
        lead: what may stand in front of a sentence and says nothing.
        asked: what asks to remember whatever follows.
        joint: where one clause ends and another begins that tells of the speaker, too.
        doubt: what makes a sentence supposed, wished for, or somebody else's, wherever it stands.
        material: how a sentence begins after which nothing is the speaker's own, but text to work on.
        vague: how an object begins, or for a task what it holds, that nobody understands by itself.
        idle: how the object of a task or a goal begins that is only a manner of speaking, or asked of us now.
        rules: what is told, and how: the group `o` is the object.
    """

    lead: re.Pattern[str]
    asked: re.Pattern[str]
    joint: re.Pattern[str]
    doubt: re.Pattern[str]
    material: re.Pattern[str]
    vague: re.Pattern[str]
    idle: re.Pattern[str]
    rules: tuple[tuple[Says, re.Pattern[str]], ...]


def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, which sees no difference between large and small letters."""
    return re.compile(pattern, re.IGNORECASE)


def rules(*told: tuple[Says, str]) -> tuple[tuple[Says, re.Pattern[str]], ...]:
    """The rules, in the order in which they are tried."""
    return tuple((says, compiled(pattern)) for says, pattern in told)
