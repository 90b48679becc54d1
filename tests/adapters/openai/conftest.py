from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from adapters.httpx2.client import vendor_client
from adapters.openai.language_model import OpenAILanguageModel
from tests.wire.failures import MOST, PATIENCE, SILENCE
from tests.wire.server import Reply, Server, Then


class Stage(AsyncExitStack):
    """Sets up models, each at a server of its own.

    Attributes:
        server: the newest.
    """

    server: Server

    async def model(self, *replies: Reply, **settings: Any) -> OpenAILanguageModel:
        self.server = await self.enter_async_context(Server(*replies))
        hangs = any(Then.HANG in reply for reply in replies)
        return await self.model_at(self.server.url, **{"silence": SILENCE if hangs else PATIENCE} | settings)

    async def model_at(self, url: str, *, silence: float = PATIENCE, **settings: Any) -> OpenAILanguageModel:
        http = await self.enter_async_context(vendor_client(silence=silence, most=MOST))
        given: dict[str, Any] = {"api_key": "sk-planted", "base_url": f"{url}/v1"} | settings
        return OpenAILanguageModel("openai", "gpt-test", http=http, **given)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with Stage() as stage:
        yield stage
