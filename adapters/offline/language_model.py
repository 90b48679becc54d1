import asyncio
import re
from collections.abc import AsyncGenerator, Sequence

from typing_extensions import override

from adapters.offline.replies import reply_to
from adapters.offline.reply import Reply
from application.ports.language_model import Finished, LanguageModel, ModelEvent, StopReason, TextDelta
from domain.prompts import Prompt, Tool

_CHUNK = re.compile(r"\s*\S+|\s+")
_CHUNKS_AT_ONCE = 16


class OfflineLanguageModel(LanguageModel):
    """Answers from the prompt's passages by quoting their best sentences, and says so when they hold no answer.

    It needs no key and no network, invents nothing and follows no instruction that it reads. It uses no tokens, and
    reports 0 of them, so that no budget is charged.

    Args:
        pause: seconds between two words, for who wants to see it write; 0 never waits.
    """

    def __init__(self, pause: float = 0) -> None:
        self._pause = pause

    @property
    @override
    def name(self) -> str:
        return "offline:quote"

    @override
    async def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        # Ranking a long prompt takes the processor for tens of milliseconds, in which the loop serves others.
        reply = await asyncio.to_thread(reply_to, prompt, tools)
        for number, chunk in enumerate(_CHUNK.findall(reply.text), start=1):
            yield TextDelta(chunk)
            if self._pause or number % _CHUNKS_AT_ONCE == 0:
                await asyncio.sleep(self._pause)
        for call in reply.calls:
            yield call
        yield Finished(reason=_reason(reply), input_tokens=0, output_tokens=0)


def _reason(reply: Reply) -> StopReason:
    return StopReason.TOOLS if reply.calls else StopReason.END
