from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from domain.mail import Mailbox
from entrypoints.settings import kinds
from entrypoints.settings.choices import SmtpSecurity
from entrypoints.settings.setting import Setting


@dataclass(frozen=True, kw_only=True, repr=False)
class Mail:
    """How letters leave."""

    smtp_host: Annotated[
        str | None,
        Setting(
            effect="The server that letters are handed to; while unset they are printed on standard error, links "
            "included, and not sent.",
            kind=kinds.HOST,
        ),
    ]
    smtp_port: Annotated[
        int | None,
        Setting(
            effect="Its port; while unset 587 with SMTP_SECURITY=starttls, 465 with tls and 25 with none.",
            kind=kinds.whole(1, 65_535),
        ),
    ]
    smtp_security: Annotated[
        SmtpSecurity,
        Setting(
            effect="How the connection is secured; with starttls and tls nothing is sent in the clear, nor to a server "
            "with a wrong certificate.",
            kind=kinds.choice(SmtpSecurity),
            default="starttls",
        ),
    ]
    smtp_user: Annotated[str | None, Setting(effect="Who we sign in as; while unset we do not.", kind=kinds.USER_NAME)]
    smtp_password: Annotated[str | None, Setting(effect="The password of SMTP_USER.", kind=kinds.PASSWORD, secret=True)]
    smtp_ca_file: Annotated[
        Path | None,
        Setting(
            effect="The certificates, in PEM, of those who may vouch for the server; while unset those of the system.",
            kind=kinds.FILE,
        ),
    ]
    smtp_timeout: Annotated[
        timedelta,
        Setting(
            effect="How long handing in a letter may take before it is tried again later.",
            kind=kinds.duration("1s", "5m"),
            default="30s",
        ),
    ]
    mail_from: Annotated[
        Mailbox | None,
        Setting(
            effect="Whom letters come from, such as Flightdeck <desk@example.com>; needed with SMTP_HOST.",
            kind=kinds.MAILBOX,
        ),
    ]
