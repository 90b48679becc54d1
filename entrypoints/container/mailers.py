"""How letters are written and leave, as the settings have it; what does it is imported once there is a letter."""

from adapters.console.mailer import ConsoleMailer
from adapters.smtp.server import Security, SmtpServer
from adapters.system.clock import SystemClock
from application.ports.letters import Letters
from application.ports.mailer import Mailer
from entrypoints.settings import Settings

_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


def mailer(settings: Settings) -> Mailer:
    """What carries letters: the server that is set, else the console."""
    if settings.smtp_host is None or settings.mail_from is None:
        return ConsoleMailer()
    from adapters.smtp.mailer import SmtpMailer  # noqa: PLC0415 (see above)

    return SmtpMailer(_server(settings, settings.smtp_host), settings.mail_from, SystemClock())


def _server(settings: Settings, host: str) -> SmtpServer:
    security = Security(settings.smtp_security)
    return SmtpServer(
        host=host,
        port=settings.smtp_port or _PORTS[security],
        security=security,
        user=settings.smtp_user,
        password=settings.smtp_password,
        ca_file=settings.smtp_ca_file,
        patience=settings.smtp_timeout,
    )


def letters() -> Letters:
    """What writes letters."""
    from adapters.mjml.letters import MjmlLetters  # noqa: PLC0415 (see above)

    return MjmlLetters()
