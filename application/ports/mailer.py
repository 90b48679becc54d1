from typing import Protocol

from domain.mail import Letter


class MailNotSent(Exception):
    """A letter was not taken.

    The message is a sentence that names no address and may be stored. `answer` is what the server said, empty when it
    said nothing: it often names the recipient, and is for the eyes of whoever looks after this instance only.
    """

    def __init__(self, sentence: str, *, answer: str = "") -> None:
        super().__init__(sentence)
        self.answer = answer


class MailRefused(MailNotSent):
    """It will never be taken as it is."""


class MailDelayed(MailNotSent):
    """It was not taken this time; another try may succeed, also once somebody has mended a setting."""


class Mailer(Protocol):
    """Hands letters to whoever carries them."""

    async def send(self, letter: Letter) -> None:
        """Nothing; the letter is taken. Taken twice it has the same Message-ID.

        Raises:
            MailRefused: it never will be.
            MailDelayed: it was not this time; rarely, when an answer got lost, it was all the same.
        """
        ...
