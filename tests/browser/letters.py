"""What is mailed to people, and where its links lead."""

import asyncio
import re
from dataclasses import dataclass, field

from adapters.memory.mailer import MemoryMailer

LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Inbox:
    """Everybody's mail."""

    mailer: MemoryMailer = field(default_factory=MemoryMailer)

    async def link(self, to: str, number: int = 1) -> str:
        """The link in the letter with this number that went to the address, once it has come."""
        async with asyncio.timeout(20):
            while True:
                texts = [letter.text for letter in self.mailer.sent if letter.to == to]
                if len(texts) >= number:
                    return str(LINK.findall(texts[number - 1])[0])
                await asyncio.sleep(0.02)
