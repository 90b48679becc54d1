from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

import httpx2
from typing_extensions import override

from adapters.openai.answers import Answer
from adapters.openai.connection import Connection, RequestRefused
from adapters.openai.requests import Dialect, request_body
from application.ports.language_model import LanguageModel, ModelEvent, ModelRefused, TextDelta
from domain.prompts import Prompt, Tool

BASE_URLS: Mapping[str, str] = {
    "openai": "https://api.openai.com/v1",
    "groq": "https://api.groq.com/openai/v1",
}
"""Where vendors are, when no other server is named."""


class OpenAILanguageModel(LanguageModel):
    """A model behind chat completions.

    What a server refuses of a request that can do without it is left out from then on, so that the first request to
    a server may take a few tries. Nothing else is tried twice, and nothing once text has come.

    Args:
        vendor: as it is named, `openai` or `groq`; it also names the server when `base_url` is absent.
        model: as the server calls it.
        http: the connections, from `adapters.httpx2`; who made them closes them.
        api_key: may be absent where the server asks for none.
        base_url: of another server, with its version, as `http://localhost:11434/v1`.
        temperature: from 0 to 2.
    """

    def __init__(
        self,
        vendor: str,
        model: str,
        *,
        http: httpx2.AsyncClient,
        api_key: str | None = None,
        base_url: str | None = None,
        temperature: float = 0.7,
    ) -> None:
        self._name = f"{vendor}:{model}"
        self._model = model
        self._temperature = temperature
        self._dialect = Dialect()
        self._connection = Connection(http, base_url or BASE_URLS[vendor], api_key)

    @property
    @override
    def name(self) -> str:
        return self._name

    @override
    async def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        answer = Answer()
        async with aclosing(self._chunks(prompt, tools)) as chunks:
            async for chunk in chunks:
                text = answer.take(chunk)
                if text:
                    yield TextDelta(text)
        calls = answer.calls({tool.name for tool in tools})
        for call in calls:
            yield call
        yield answer.finished(calls)

    async def _chunks(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[object, None]:
        whole = request_body(self._model, prompt, tools, self._temperature)
        while True:
            body = self._dialect.spoken(whole)
            begun = False
            try:
                async with aclosing(self._connection.chunks(body)) as chunks:
                    async for chunk in chunks:
                        begun = True
                        yield chunk
            except RequestRefused as error:
                if begun or not self._dialect.learn(error.complaint, body):
                    raise ModelRefused(str(error)) from error
            else:
                return
