from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from typing_extensions import override

from application.ports.webhook_sender import SendAnswer, Undeliverable, WebhookSender
from domain.webhooks import SendFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Something that was to be sent."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class MemoryWebhookSender(WebhookSender):
    """Gives its answers in order, the last one again and again; for a fault it raises.

    Attributes:
        sent: all that was to be sent, in order.
    """

    def __init__(self, *answers: SendAnswer | SendFault) -> None:
        self.answers: Sequence[SendAnswer | SendFault] = answers or (SendAnswer(204),)
        self.sent: list[Sent] = []

    @override
    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> SendAnswer:
        self.sent.append(Sent(url=url, headers=headers, body=body))
        answer = self.answers[min(len(self.sent), len(self.answers)) - 1]
        if isinstance(answer, SendFault):
            raise Undeliverable(answer)
        return answer
