import sys
from collections.abc import Callable

from typing_extensions import override

from application.ports.mailer import Mailer
from domain.mail import Letter

_RULE = "─" * 78


def _on_standard_error(block: str) -> None:
    sys.stderr.write(block)
    sys.stderr.flush()


class ConsoleMailer(Mailer):
    """Prints letters, links included, instead of sending them: for those who try Flightdeck on their own machine.

    Args:
        write: takes each letter as one block of whole lines, so that other output does not come between them.
    """

    def __init__(self, write: Callable[[str], object] = _on_standard_error) -> None:
        self._write = write

    @override
    async def send(self, letter: Letter) -> None:
        head = f"Mail that is not sent, as SMTP_HOST is unset\nTo:      {letter.to}\nSubject: {letter.subject}"
        self._write(f"\n{_RULE}\n{head}\n\n{letter.text.strip()}\n{_RULE}\n\n")
