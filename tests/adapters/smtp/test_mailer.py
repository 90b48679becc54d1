from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from adapters.memory.clock import MemoryClock
from adapters.smtp.mailer import SmtpMailer
from adapters.smtp.server import Security, SmtpServer
from application.ports.mailer import MailDelayed, MailNotSent, MailRefused
from domain.mail import Mailbox
from tests.adapters.smtp.server import HOST, PASSWORD, USER, Certificates, Inbox, saying, serving
from tests.contracts.mailer import TO, CarryingMailerContract, Mood, Post, Posting, Taken, a_letter

SENDER = Mailbox("desk@example.com", "Žofie & Co.")
ANSWERS = {
    Mood.TAKES: {},
    Mood.REFUSES: {"RCPT": f"550 5.1.1 <{TO}>: no such user"},
    Mood.DELAYS: {"RCPT": f"450 4.2.0 <{TO}>: greylisted"},
}


def clear(port: int) -> SmtpServer:
    return SmtpServer(host=HOST, port=port, security=Security.NONE, patience=timedelta(seconds=20))


def secured(port: int, certificates: Certificates, security: Security = Security.STARTTLS) -> SmtpServer:
    return replace(clear(port), security=security, ca_file=certificates.ca_file)


def mailer(server: SmtpServer, sender: Mailbox = SENDER) -> SmtpMailer:
    return SmtpMailer(server, sender, MemoryClock())


async def refusal(server: SmtpServer, to: str = TO) -> MailNotSent:
    """What keeps a letter from being taken; its sentence names neither the address nor a secret."""
    with pytest.raises(MailNotSent) as raised:
        await mailer(server).send(a_letter(to))
    assert to not in str(raised.value)
    assert PASSWORD not in f"{raised.value}{raised.value.answer}"
    return raised.value


class TestSmtpMailer(CarryingMailerContract):
    @pytest.fixture
    @override
    def posting(self) -> Posting:
        @asynccontextmanager
        async def posting(mood: Mood) -> AsyncGenerator[Post]:
            async with serving(Inbox(ANSWERS[mood])) as inbox:
                yield Post(mailer=mailer(clear(inbox.port)), taken=lambda: taken_by(inbox))

        return posting


def taken_by(inbox: Inbox) -> list[Taken]:
    return [
        Taken(letter["To"], letter["Subject"], str(letter.get_body(("plain",)).get_content()), letter["Message-ID"])  # type: ignore[union-attr]
        for letter in inbox.letters
    ]


async def test_a_letter_has_a_text_and_an_html_part_and_says_that_no_person_wrote_it() -> None:
    async with serving(Inbox()) as inbox:
        await mailer(clear(inbox.port)).send(a_letter(unsubscribe="https://desk.example/profile#mail"))

    (letter,) = inbox.letters
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    (sender,) = letter["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Žofie & Co.", "desk@example.com")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe"] == "<https://desk.example/profile#mail>"
    assert letter["Date"].datetime == MemoryClock().now()
    assert letter["Message-ID"].endswith("@example.com>")
    assert inbox.envelopes[0].mail_from == "desk@example.com"
    assert inbox.envelopes[0].rcpt_tos == [TO]


async def test_a_letter_that_nobody_may_switch_off_names_no_place_to_do_so() -> None:
    async with serving(Inbox()) as inbox:
        await mailer(clear(inbox.port)).send(a_letter())
    assert "List-Unsubscribe" not in inbox.letters[0]


async def test_a_domain_beyond_ascii_is_written_as_servers_know_it() -> None:
    async with serving(Inbox(), utf8=False) as inbox:
        await mailer(clear(inbox.port)).send(a_letter("ada@bücher.example"))
    assert inbox.envelopes[0].rcpt_tos == ["ada@xn--bcher-kva.example"]


async def test_a_name_beyond_ascii_needs_a_server_that_takes_it() -> None:
    async with serving(Inbox()) as inbox:
        await mailer(clear(inbox.port)).send(a_letter("žofie@example.com"))
    assert inbox.envelopes[0].rcpt_tos == ["žofie@example.com"]

    async with serving(Inbox(), utf8=False) as inbox:
        refused = await refusal(clear(inbox.port), "žofie@example.com")
    assert isinstance(refused, MailRefused)


async def test_a_domain_that_no_server_could_know_is_refused_before_anybody_is_asked() -> None:
    assert type(await refusal(clear(1), f"ada@{'ü' * 63}.example")) is MailRefused


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [("554 5.7.1 No", MailRefused), ("552 Too large", MailRefused), ("451 4.3.0 Later", MailDelayed)],
)
async def test_of_a_letter_5_is_for_good_and_4_for_now(command: str, answer: str, error: type[MailNotSent]) -> None:
    async with serving(Inbox({command: answer})) as inbox:
        refused = await refusal(clear(inbox.port))
    assert type(refused) is error
    code = answer.rpartition(" ")[0] if answer[4].isdigit() else answer[:3]
    assert str(refused).endswith(f" ({code}).")
    assert answer[4:] in refused.answer
    assert inbox.envelopes == []


class TestSecurity:
    async def test_starttls_and_tls_secure_the_connection(self, certificates: Certificates) -> None:
        async with serving(Inbox(), starttls=certificates.context()) as inbox:
            await mailer(secured(inbox.port, certificates)).send(a_letter())
            assert inbox.secured == [True]
        async with serving(Inbox(), tls=certificates.context()) as inbox:
            await mailer(secured(inbox.port, certificates, Security.TLS)).send(a_letter())
            assert len(inbox.letters) == 1

    async def test_nothing_is_sent_in_the_clear_to_a_server_without_starttls(self, certificates: Certificates) -> None:
        async with serving(Inbox()) as inbox:
            delayed = await refusal(secured(inbox.port, certificates))
        assert str(delayed) == "The mail server does not offer STARTTLS, and letters are not sent in the clear."
        assert (type(delayed), inbox.envelopes) == (MailDelayed, [])

    @pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
    @pytest.mark.parametrize("wrong", ["authority", "name"])
    async def test_a_wrong_certificate_is_refused(
        self, certificates: Certificates, security: Security, wrong: str
    ) -> None:
        context = certificates.context("other.example" if wrong == "name" else HOST)
        starttls, tls = (context, None) if security is Security.STARTTLS else (None, context)
        async with serving(Inbox(), starttls=starttls, tls=tls) as inbox:
            server = secured(inbox.port, certificates, security)
            delayed = await refusal(server if wrong == "name" else replace(server, ca_file=None))
        assert str(delayed).startswith("The connection to the mail server could not be secured")
        assert (type(delayed), inbox.envelopes) == (MailDelayed, [])

    async def test_a_server_that_speaks_no_tls_is_not_spoken_to(self, certificates: Certificates) -> None:
        async with serving(Inbox()) as inbox:
            delayed = await refusal(secured(inbox.port, certificates, Security.TLS))
        assert (type(delayed), inbox.envelopes) == (MailDelayed, [])

    async def test_starttls_that_is_refused_ends_it(self, certificates: Certificates) -> None:
        async with saying(b"220 hi\r\n", b"250-mail\r\n250 STARTTLS\r\n", b"454 4.7.0 not now\r\n") as port:
            delayed = await refusal(secured(port, certificates))
        assert str(delayed) == "The mail server turns the connection away (454 4.7.0)."

    async def test_certificates_that_cannot_be_read_are_told(self, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text("none")
        delayed = await refusal(replace(clear(1), security=Security.TLS, ca_file=tmp_path / "ca.pem"))
        assert str(delayed) == "SMTP_CA_FILE cannot be read as certificates."


class TestSigningIn:
    async def test_with_user_and_password_letters_are_taken(self, certificates: Certificates) -> None:
        async with serving(Inbox(), starttls=certificates.context(), sign_in=True) as inbox:
            server = replace(secured(inbox.port, certificates), user=USER, password=PASSWORD)
            await mailer(server).send(a_letter())
        assert (set(inbox.users), len(inbox.letters)) == ({USER.encode()}, 1)

    async def test_a_wrong_password_is_told_and_can_be_mended(self, certificates: Certificates) -> None:
        async with serving(Inbox(), starttls=certificates.context(), sign_in=True) as inbox:
            delayed = await refusal(replace(secured(inbox.port, certificates), user=USER, password="other"))
        assert str(delayed) == "The mail server does not take SMTP_USER and SMTP_PASSWORD (535 5.7.8)."
        assert type(delayed) is MailDelayed

    async def test_a_server_where_nobody_signs_in_is_told(self) -> None:
        async with serving(Inbox()) as inbox:
            delayed = await refusal(replace(clear(inbox.port), user=USER, password=PASSWORD))
        assert str(delayed) == "The mail server does not offer to take SMTP_USER and SMTP_PASSWORD this way."

    async def test_the_password_is_not_shown(self) -> None:
        assert PASSWORD not in repr(replace(clear(1), user=USER, password=PASSWORD))


class TestOutages:
    async def test_a_server_that_is_not_there_is_for_now(self) -> None:
        async with saying() as port:
            pass
        delayed = await refusal(clear(port))
        assert (type(delayed), str(delayed)) == (MailDelayed, "The mail server cannot be reached.")

    async def test_a_server_that_turns_us_away_is_for_now(self) -> None:
        async with saying(b"554 5.3.2 go away\r\n") as port:
            delayed = await refusal(clear(port))
        assert (type(delayed), str(delayed)) == (MailDelayed, "The mail server turns the connection away (554 5.3.2).")

    @pytest.mark.parametrize("lines", range(1, 5))
    async def test_a_connection_lost_in_the_middle_is_for_now(self, lines: int) -> None:
        replies = (b"220 hi\r\n", b"250 mail\r\n", b"250 sender\r\n", b"250 recipient\r\n", b"354 go on\r\n")
        async with saying(*replies[:lines]) as port:
            assert type(await refusal(clear(port))) is MailDelayed

    async def test_nonsense_is_for_now(self) -> None:
        async with saying(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
            assert type(await refusal(clear(port))) is MailDelayed

    @pytest.mark.parametrize("replies", [(b"",), (b"220 hi\r\n", b""), (b"220 hi\r\n", b"250 mail\r\n", b"")])
    async def test_a_server_that_falls_silent_is_not_waited_for_longer_than_is_set(
        self, replies: tuple[bytes, ...]
    ) -> None:
        async with saying(*replies) as port:
            delayed = await refusal(replace(clear(port), patience=timedelta(seconds=0.2)))
        assert (type(delayed), str(delayed)) == (MailDelayed, "The mail server did not answer in time.")

    async def test_a_letter_that_was_taken_stays_so_when_nobody_says_goodbye(self) -> None:
        yes = b"250 OK\r\n"
        async with saying(b"220 hi\r\n", yes, yes, yes, b"354 go on\r\n", yes) as port:
            await mailer(clear(port)).send(a_letter())
