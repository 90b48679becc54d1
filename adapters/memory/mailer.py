from typing_extensions import override

from application.ports.mailer import Mailer, MailNotSent
from domain.mail import Letter


class MemoryMailer(Mailer):
    """Remembers letters.

    Attributes:
        sent: those that were taken, in order.
        failures: what happens to the next letters instead, one after the other.
    """

    def __init__(self, *failures: MailNotSent) -> None:
        self.sent: list[Letter] = []
        self.failures = list(failures)

    @override
    async def send(self, letter: Letter) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(letter)
