from dataclasses import dataclass, field

from domain.ids import LetterId
from domain.mail.mailbox import Mailbox

_LONGEST_SUBJECT = 400


class UnfitSubject(ValueError):
    """A subject is one line of up to 400 characters, none of them a control character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter as it is handed to the post.

    Attributes:
        id: the same for each try to send it, so that whoever gets it twice can tell (it becomes the Message-ID).
        to: the address of its one recipient.
        text: the plain part. It holds single-use links, as `html` does, and neither is to be logged.
        unsubscribe: where its recipient says which mail they want (List-Unsubscribe, RFC 2369); None when it is not
            theirs to choose.

    Raises:
        NoMailbox: nothing can be sent to that address.
        UnfitSubject: the subject could carry another header.
    """

    id: LetterId
    to: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    unsubscribe: str | None = None

    def __post_init__(self) -> None:
        Mailbox(self.to)
        if not self.subject.isprintable() or not 0 < len(self.subject) <= _LONGEST_SUBJECT:
            raise UnfitSubject("A subject is one line of up to 400 characters.")
