from collections.abc import Sequence
from dataclasses import dataclass

from domain.conversations import Message, MessageRole
from domain.conversations.reply_prompt import Addressee, ReplyFacts
from domain.memories.recall import speaks_of
from domain.memories.wishes import asks_to_forget

RECENT = 10
"""Of so many of their newest messages it counts what a user has said."""
_ASKING = "?？؟"  # noqa: RUF001 (the full-width mark is one)


@dataclass(frozen=True, slots=True)
class UserSaid:
    """What a user has told their companion themselves, and asks of it.

    A model also reads what others wrote, who would have it act; but they cannot make the user say so.
    """

    facts: ReplyFacts
    addressee: Addressee

    @property
    def of_late(self) -> Sequence[str]:
        """What the user said last, the newest first."""
        return [said.content for said in reversed(self.facts.history) if self._is_own(said)][:RECENT]

    @property
    def replied(self) -> Message | None:
        """The last reply that says something."""
        replies = (each for each in reversed(self.facts.history) if each.role is MessageRole.ASSISTANT and each.content)
        return next(replies, None)

    @property
    def asks_to_forget(self) -> bool:
        """Whether they do with the message that is answered, or did with that before and were asked back."""
        last, before = (*self.of_late, "", "")[:2]
        replied = self.replied
        asked_back = replied is not None and any(each in replied.content for each in _ASKING)
        return asks_to_forget(last) or (asked_back and asks_to_forget(before))

    def tells(self, content: str) -> bool:
        """Whether they have said so of late, by at least half of its words."""
        return speaks_of("\n".join(self.of_late), content, self.facts.language)

    def _is_own(self, message: Message) -> bool:
        return message.role is MessageRole.MEMBER and message.author.id == self.addressee.id
