import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress

import httpx2
from typing_extensions import override

from adapters.anthropic.answers import Answer
from adapters.anthropic.connection import Connection, RequestRefused
from adapters.anthropic.requests import Thinking, request_body
from application.ports.language_model import LanguageModel, ModelError, ModelEvent, ModelRefused, TextDelta
from domain.prompts import Prompt, Tool

BASE_URL = "https://api.anthropic.com"
_DRAINING = 0.1


class AnthropicLanguageModel(LanguageModel):
    """A model behind messages.

    It is asked to answer without thinking first, in the way that it takes, so that the first request to a model may
    take a few tries. Nothing else is tried twice, and nothing once text has come.

    Args:
        model: as Anthropic calls it.
        http: the connections, from `adapters.httpx2`; who made them closes them.
        api_key: of an account.
        base_url: without the version, when it is another than Anthropic's own.
        max_tokens: that an answer, and what a model thinks that cannot do without, may have.
    """

    def __init__(
        self,
        model: str,
        *,
        http: httpx2.AsyncClient,
        api_key: str,
        base_url: str | None = None,
        max_tokens: int = 8192,
    ) -> None:
        self._model = model
        self._max_tokens = max_tokens
        self._thinking = Thinking()
        self._connection = Connection(http, base_url or BASE_URL, api_key)

    @property
    @override
    def name(self) -> str:
        return f"anthropic:{self._model}"

    @override
    async def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        answer = Answer()
        async with aclosing(self._events(prompt, tools)) as events:
            async for event in events:
                text = answer.take(event)
                if text:
                    yield TextDelta(text)
                if answer.ended:
                    await _drain(events)
                    break
        calls = answer.calls({tool.name for tool in tools})
        for call in calls:
            yield call
        yield answer.finished(calls)

    async def _events(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[object, None]:
        whole = request_body(self._model, prompt, tools, self._max_tokens)
        while True:
            body = self._thinking.spoken(whole)
            begun = False
            try:
                async with aclosing(self._connection.events(body)) as events:
                    async for event in events:
                        begun = True
                        yield event
            except RequestRefused as error:
                if begun or not self._thinking.learn(error.complaint, body):
                    raise ModelRefused(str(error)) from error
            else:
                return


async def _drain(events: AsyncGenerator[object, None]) -> None:
    # The answer is whole; its connection serves the next one only if it is read to its end.
    with suppress(TimeoutError, ModelError):
        async with asyncio.timeout(_DRAINING):
            async for _ in events:
                pass
