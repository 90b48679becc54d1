from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path


class Security(StrEnum):
    """How the connection is kept from being read: not at all, by STARTTLS (RFC 3207), or by TLS from its first byte."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where letters are handed in.

    Attributes:
        security: what is asked for is had, or no letter is sent.
        ca_file: whom to believe that the server is who it says, instead of those the system believes.
        patience: for all of a letter, from the name's resolution to the last answer.
    """

    host: str
    port: int
    security: Security
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    patience: timedelta = timedelta(seconds=30)
