import asyncio
import re
import ssl
from contextlib import suppress
from email.message import EmailMessage

import aiosmtplib
from typing_extensions import override

from adapters.smtp.message import message, on_wire
from adapters.smtp.server import Security, SmtpServer
from application.ports.clock import Clock
from application.ports.mailer import MailDelayed, Mailer, MailNotSent, MailRefused
from domain.mail import Letter, Mailbox

_PERMANENT = 500  # RFC 5321, section 4.2.1: what begins with 5 is for good, with 4 for now
_PARTING = 1.0  # seconds
_ENHANCED = re.compile(r"\s*(\d\.\d{1,3}\.\d{1,3})\b")
_UNSECURED = "The connection to the mail server could not be secured: its certificate or its TLS is not taken."


class SmtpMailer(Mailer):
    """Hands each letter to one server, on a connection of its own.

    Only what the server says of a letter, of its sender or its recipient refuses it for good. That the server cannot
    be reached, shows a wrong certificate or does not take the password is no fault of the letter, and can be mended.
    """

    def __init__(self, server: SmtpServer, sender: Mailbox, clock: Clock) -> None:
        self._server = server
        self._sender = sender
        self._clock = clock

    @override
    async def send(self, letter: Letter) -> None:
        try:
            built = message(letter, self._sender, self._clock.now())
        except UnicodeError as error:
            raise MailRefused("The domain of the address cannot be written as servers need it.") from error
        client = self._client()
        try:
            await self._deliver(client, built, on_wire(Mailbox(letter.to)))
            await _part(client)
        finally:
            client.close()

    async def _deliver(self, client: aiosmtplib.SMTP, built: EmailMessage, recipient: str) -> None:
        try:
            async with asyncio.timeout(self._server.patience.total_seconds()):
                await self._connect(client)
                await self._hand_in(client, built, recipient)
        except TimeoutError as error:
            raise MailDelayed("The mail server did not answer in time.") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailDelayed("The connection to the mail server was lost.", answer=_words(error)) from error

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security is Security.TLS,
            start_tls=False,  # else whether there is any would be up to the server; `_secure` insists
            tls_context=None if server.security is Security.NONE else self._context(),
            timeout=None,  # `_deliver` has one for all of it
        )

    def _context(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._server.ca_file)
        except OSError as error:  # ssl.SSLError is one
            raise MailDelayed("SMTP_CA_FILE cannot be read as certificates.") from error

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        try:
            await client.connect()
            if self._server.security is Security.STARTTLS:
                await self._secure(client)
            if self._server.user is not None:
                await self._sign_in(client, self._server.user, self._server.password or "")
        except aiosmtplib.SMTPResponseException as error:
            sentence = f"The mail server turns the connection away ({_code(error)})."
            raise MailDelayed(sentence, answer=_words(error)) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            sentence = _UNSECURED if _is_tls(error) else "The mail server cannot be reached."
            raise MailDelayed(sentence, answer=_words(error)) from error

    async def _secure(self, client: aiosmtplib.SMTP) -> None:
        await client.ehlo()
        if not client.supports_extension("starttls"):
            raise MailDelayed("The mail server does not offer STARTTLS, and letters are not sent in the clear.")
        await client.starttls()

    async def _sign_in(self, client: aiosmtplib.SMTP, user: str, password: str) -> None:
        await client.ehlo()
        if not client.supported_auth_methods:
            raise MailDelayed("The mail server does not offer to take SMTP_USER and SMTP_PASSWORD this way.")
        try:
            await client.login(user, password)
        except aiosmtplib.SMTPAuthenticationError as error:
            sentence = f"The mail server does not take SMTP_USER and SMTP_PASSWORD ({_code(error)})."
            raise MailDelayed(sentence, answer=_words(error)) from error

    async def _hand_in(self, client: aiosmtplib.SMTP, built: EmailMessage, recipient: str) -> None:
        try:
            await client.send_message(built, sender=on_wire(self._sender), recipients=[recipient])
        except aiosmtplib.SMTPNotSupported as error:
            raise MailRefused("The mail server takes no address beyond ASCII.", answer=_words(error)) from error
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refusal("the recipient", error.recipients[0]) from error
        except aiosmtplib.SMTPSenderRefused as error:
            raise _refusal("the sender, MAIL_FROM", error) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal("the letter", error) from error


async def _part(client: aiosmtplib.SMTP) -> None:
    """Says goodbye; the letter is taken, and nothing that is answered now could change it."""
    with suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=_PARTING)


def _refusal(what: str, error: aiosmtplib.SMTPResponseException) -> MailNotSent:
    if error.code >= _PERMANENT:
        return MailRefused(f"The mail server refuses {what} for good ({_code(error)}).", answer=_words(error))
    return MailDelayed(f"The mail server does not take {what} now ({_code(error)}).", answer=_words(error))


def _code(error: aiosmtplib.SMTPResponseException) -> str:
    """The code, and the enhanced one (RFC 3463) where there is one; never the words, which may name the recipient."""
    enhanced = _ENHANCED.match(error.message)
    return f"{error.code} {enhanced[1]}" if enhanced else str(error.code)


def _words(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    return str(error)


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
