import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from application.ports.letters import Letters
from application.ports.secret_box import SecretBox
from domain.ids import LetterId
from domain.mail import PREFERENCES_PATH, Content, Letter, MailKind

_PURPOSE = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailOrder:
    """A letter before it is written; its path and values hold single-use tokens.

    Attributes:
        to: None for the present address of the user it is for.
    """

    kind: MailKind
    path: str = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    to: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, content: Content, to: str | None = None) -> Self:
        """The order of a letter that says `content`."""
        return cls(kind=content.kind, path=content.path, values=content.values, to=to)

    def sealed(self, box: SecretBox) -> str:
        """All of it, in ASCII and unreadable, for storage."""
        plain = {"kind": self.kind, "path": self.path, "values": dict(self.values), "to": self.to}
        return base64.b64encode(box.seal(json.dumps(plain).encode(), purpose=_PURPOSE)).decode()

    @classmethod
    def unsealed(cls, sealed: str, box: SecretBox) -> Self:
        """What was sealed.

        Raises:
            UnsealError: it was sealed with another key of ours.
        """
        plain = json.loads(box.unseal(base64.b64decode(sealed), purpose=_PURPOSE))
        return cls(kind=MailKind(plain["kind"]), path=plain["path"], values=plain["values"], to=plain["to"])

    def written(self, letters: Letters, letter_id: LetterId, to: str, base_url: str) -> Letter:
        """The letter, its links absolute below `base_url`.

        Raises:
            NoMailbox: nothing can be sent to that address.
        """
        preferences = f"{base_url}{PREFERENCES_PATH}" if self.kind.optional else None
        links = {"link": f"{base_url}{self.path}"} | ({"preferences": preferences} if preferences else {})
        parts = letters.write(self.kind, {**self.values, **links})
        return Letter(
            id=letter_id, to=to, subject=parts.subject, text=parts.text, html=parts.html, unsubscribe=preferences
        )
