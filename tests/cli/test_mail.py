"""`flightdeck mail`: whether letters are sent, and what they look like."""

import asyncio
from pathlib import Path

import pytest
import trustme

from domain.mail import MailKind
from tests.adapters.smtp.server import HOST, PASSWORD, USER, Certificates, Inbox, serving
from tests.processes import Done, environment, run

TO = "ada@example.com"


async def tried(folder: Path, to: str = TO, **settings: str) -> Done:
    """`flightdeck mail test`, run while this process serves."""
    return await asyncio.to_thread(run, "mail", "test", to, env=environment(folder / "home", **settings), cwd=folder)


def settings_for(inbox: Inbox, **more: str) -> dict[str, str]:
    return {"SMTP_HOST": HOST, "SMTP_PORT": str(inbox.port), "MAIL_FROM": "Flightdeck <desk@example.com>", **more}


async def test_without_a_server_the_letter_is_printed_and_that_is_said(tmp_path: Path) -> None:
    done = await tried(tmp_path, BASE_URL="https://desk.example")
    assert (done.code, done.out) == (0, "SMTP_HOST is unset: the letter was printed and not sent.\n")
    assert "https://desk.example/" in done.err.splitlines()
    assert not (tmp_path / "home").exists()


async def test_a_letter_is_sent_now_with_all_that_is_set(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificates = Certificates(authority=authority, ca_file=tmp_path / "ca.pem")
    async with serving(Inbox(), starttls=certificates.context(), sign_in=True) as inbox:
        signed_in = settings_for(inbox, SMTP_USER=USER, SMTP_PASSWORD=PASSWORD, SMTP_CA_FILE="ca.pem")
        done = await tried(tmp_path, **signed_in)

    assert (done.code, done.err) == (0, "")
    assert done.out == f"{HOST} took the letter to {TO}. See that it arrives.\n"
    assert (inbox.letters[0]["To"], inbox.secured) == (TO, [True])
    assert inbox.letters[0]["From"] == "Flightdeck <desk@example.com>"


async def test_what_the_server_says_is_told_to_whoever_looks_after_it(tmp_path: Path) -> None:
    async with serving(Inbox({"RCPT": f"550 5.1.1 <{TO}>: no such user"})) as inbox:
        done = await tried(tmp_path, **settings_for(inbox, SMTP_SECURITY="none"))
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "flightdeck: The mail server refuses the recipient for good (550 5.1.1).\n"
        f"flightdeck: It said: 550 5.1.1 <{TO}>: no such user\n"
    )


async def test_a_server_without_starttls_is_told_and_gets_nothing(tmp_path: Path) -> None:
    async with serving(Inbox()) as inbox:
        done = await tried(tmp_path, **settings_for(inbox))
    assert (done.code, done.out, inbox.envelopes) == (1, "", [])
    assert done.err == ("flightdeck: The mail server does not offer STARTTLS, and letters are not sent in the clear.\n")


async def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    done = await tried(tmp_path, "ada")
    assert (done.code, done.out, done.err) == (1, "", "flightdeck: 'ada' is no address that a letter can be sent to.\n")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"SMTP_HOST": "mail.example"}, "SMTP_HOST is set and MAIL_FROM is not; MAIL_FROM takes an e-mail address,"),
        ({"SMTP_USER": "desk"}, "SMTP_USER is set and SMTP_PASSWORD is not; SMTP_PASSWORD takes a password of"),
        ({"SMTP_PASSWORD": "unspeakable"}, "SMTP_PASSWORD is set and SMTP_USER is not; SMTP_USER takes a user name"),
        ({"SMTP_SECURITY": "ssl"}, "SMTP_SECURITY takes none, starttls or tls; it got 'ssl'."),
        ({"SMTP_PORT": "0"}, "SMTP_PORT takes a whole number from 1 to 65535; it got '0'."),
        ({"SMTP_TIMEOUT": "1h"}, "SMTP_TIMEOUT takes a duration"),
        ({"MAIL_FROM": "Flightdeck"}, "MAIL_FROM takes an e-mail address, alone or as Name <address>; it got 'Flight"),
        ({"SMTP_CA_FILE": "nowhere.pem"}, "SMTP_CA_FILE takes the path of a file of certificates in PEM; nowhere.pem"),
    ],
)
async def test_a_wrong_setting_is_a_sentence(tmp_path: Path, settings: dict[str, str], told: str) -> None:
    done = await tried(tmp_path, **settings)
    assert (done.code, done.out) == (78, "")
    assert done.err.startswith(told)
    assert done.err.count("\n") == 1
    assert "unspeakable" not in done.err


def test_letters_can_be_looked_at_before_they_are_sent(tmp_path: Path) -> None:
    env = environment(tmp_path / "home", BASE_URL="https://desk.example")
    done = run("mail", "preview", "--to", "seen", env=env, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [f"seen/{kind}.{form}" for kind in MailKind for form in ("html", "txt")]
    for path in done.out.splitlines():
        assert "https://desk.example/" in (tmp_path / path).read_text(encoding="utf-8")


def test_one_letter_can_be_looked_at(tmp_path: Path) -> None:
    env = environment(tmp_path / "home")
    done = run("mail", "preview", "invite", env=env, cwd=tmp_path)
    assert done.out == "mail-preview/invite.html\nmail-preview/invite.txt\n"

    unknown = run("mail", "preview", "invitation", env=env, cwd=tmp_path)
    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.err.startswith("flightdeck: There is no template 'invitation'; there are invite, verify, ")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("mail", "preview", "--to", "file", env=environment(tmp_path / "home"), cwd=tmp_path)
    assert (done.code, done.out, done.err) == (1, "", "flightdeck: Cannot write to file: File exists.\n")
