"""Mail servers on loopback: a real one, and one that says what a test has it say."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"
USER, PASSWORD = "desk", "planted-password-ž"


@dataclass(frozen=True, slots=True)
class Certificates:
    authority: trustme.CA
    ca_file: Path

    def context(self, name: str = HOST) -> ssl.SSLContext:
        """What a server of this name secures its connections with."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.authority.issue_cert(name).configure_cert(context)  # pyright: ignore[reportUnknownMemberType]
        return context


@dataclass(slots=True)
class Inbox:
    """What a server was handed; `answers` are what it says to a command instead of yes."""

    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    envelopes: list[Envelope] = field(default_factory=list[Envelope])
    secured: list[bool] = field(default_factory=list[bool])
    users: list[bytes] = field(default_factory=list[bytes])
    port: int = 0

    @property
    def letters(self) -> list[EmailMessage]:
        contents = [envelope.content for envelope in self.envelopes]
        return [
            message_from_bytes(content, EmailMessage, policy=SMTP_POLICY)
            for content in contents
            if type(content) is bytes
        ]

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.users.append(data.login)
        known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=False, message=None if known else "535 5.7.8 No such user")

    # The hooks of aiosmtpd, by its names

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.answers.get("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.get("DATA", "250 OK")
        if answer.startswith("250"):
            self.envelopes.append(envelope)
            self.secured.append(session.ssl is not None)
        return answer


@asynccontextmanager
async def serving(
    inbox: Inbox,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    sign_in: bool = False,
    utf8: bool = True,
) -> AsyncGenerator[Inbox]:
    """aiosmtpd on a free port, which `inbox` then names."""

    def connection() -> SMTP:
        return SMTP(
            inbox,
            hostname="mail.example",
            enable_SMTPUTF8=utf8,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=sign_in,
            authenticator=inbox.authenticate if sign_in else None,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(connection, HOST, 0, ssl=tls)
    inbox.port = server.sockets[0].getsockname()[1]
    try:
        yield inbox
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def saying(*replies: bytes) -> AsyncGenerator[int]:
    """The port of a server that says each reply after a line of the client, the first at once, and then hangs up.

    An empty reply is silence until the client goes.
    """

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for number, reply in enumerate(replies):
                if number:
                    await reader.readline()
                if not reply:
                    await reader.read()
                writer.write(reply)
                await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(talk, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
