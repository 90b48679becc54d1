from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from domain.mail import Letter, Mailbox


def message(letter: Letter, sender: Mailbox, at: datetime) -> EmailMessage:
    """The letter as RFC 5322 has it: the text, and the HTML as its alternative.

    Raises:
        UnicodeError: the domain of its address, or of the sender's, cannot be written in ASCII.
    """
    built = EmailMessage(policy=SMTP)
    built["From"] = _address(sender)
    built["To"] = _address(Mailbox(letter.to))
    built["Subject"] = letter.subject
    built["Date"] = at
    built["Message-ID"] = f"<{letter.id}@{_ascii(sender.domain)}>"
    built["Auto-Submitted"] = "auto-generated"  # RFC 3834: answering machines stay silent
    if letter.unsubscribe:
        built["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
    built.set_content(letter.text)
    built.add_alternative(letter.html, subtype="html")
    return built


def on_wire(mailbox: Mailbox) -> str:
    """The address with its domain in ASCII (IDNA), as servers know it.

    Raises:
        UnicodeError: the domain cannot be written so.
    """
    return _address(mailbox).addr_spec


def _address(mailbox: Mailbox) -> Address:
    local = mailbox.address.rpartition("@")[0]
    return Address(mailbox.name, local, _ascii(mailbox.domain))


def _ascii(domain: str) -> str:
    return domain.encode("idna").decode("ascii")
