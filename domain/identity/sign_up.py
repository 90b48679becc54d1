"""Who may become a user by themselves, and with which address."""

from domain.errors import Fault, Forbidden, Invalid
from domain.identity.verified import known_email
from domain.mail.mailbox import Mailbox, NoMailbox


class SignUpClosed(Forbidden):
    """Nobody signs up here."""

    code = "signup_closed"
    detail = "Nobody can sign up here. Ask who runs this instance."


class SignUpByInvite(Forbidden):
    """Only whoever is invited signs up here."""

    code = "signup_by_invite"
    detail = "Only whoever is invited can sign up here. Open the link in the invite."


def check_email(given: str, *, at: str = "/email") -> str:
    """The address, in lower case.

    Raises:
        Invalid: at the JSON pointer `at`: no letter can be sent to it.
    """
    email = known_email(given.strip())
    try:
        return Mailbox(email or "").address
    except NoMailbox as error:
        raise Invalid(Fault(at, "bad_email", "This is no address that a letter can be sent to.")) from error
