"""Vendors in a row, as they are set up when several are configured, each at a server of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from prometheus_client import CollectorRegistry

from adapters.anthropic.language_model import AnthropicLanguageModel
from adapters.fallback.language_model import FallbackLanguageModel
from adapters.httpx2.client import vendor_client
from adapters.metered.language_model import MeteredLanguageModel, ModelMetrics
from adapters.openai.language_model import OpenAILanguageModel
from adapters.retrying.language_model import RetryingLanguageModel
from application.ports.language_model import Finished, ModelEvent, ModelUnavailable, StopReason, TextDelta
from tests.contracts.language_model import QUESTION, events_of, text_of
from tests.wire import anthropic, openai
from tests.wire.server import Reply, Server, Then, head, piece

ANSWER = openai.saying("It ", "costs ", "60 €.")
BEGUN = (anthropic.start(), *anthropic.text_block(0, "It costs ")[:2])


class Chain(AsyncExitStack):
    """Anthropic first, then OpenAI; `replies` are the first one's."""

    def __init__(self) -> None:
        super().__init__()
        self.registry = CollectorRegistry()

    async def ask(self, *replies: Reply, patience: float = 60) -> list[ModelEvent]:
        http = await self.enter_async_context(vendor_client())
        self.first = await self.enter_async_context(Server(*replies))
        self.second = await self.enter_async_context(Server(ANSWER))
        metrics = ModelMetrics(self.registry)
        vendors = (
            AnthropicLanguageModel("claude-test", http=http, api_key="sk-planted", base_url=self.first.url),
            OpenAILanguageModel("openai", "gpt-test", http=http, base_url=f"{self.second.url}/v1"),
        )
        models = [RetryingLanguageModel(MeteredLanguageModel(vendor, metrics)) for vendor in vendors]
        return await events_of(FallbackLanguageModel(models, first_token_timeout=patience).stream(QUESTION, ()))

    def counted(self, outcome: str) -> float | None:
        labels = {"model": "anthropic:claude-test", "outcome": outcome}
        return self.registry.get_sample_value("language_model_answers_total", labels)


@pytest.fixture
async def chain() -> AsyncIterator[Chain]:
    async with Chain() as chain:
        yield chain


def answered_by_the_second(events: list[ModelEvent]) -> bool:
    return text_of(events) == "It costs 60 €." and events[-1] == Finished(
        reason=StopReason.END, input_tokens=31, output_tokens=7, model="openai:gpt-test"
    )


async def test_a_short_limit_is_waited_for(chain: Chain) -> None:
    limited = anthropic.refused(429, "rate_limit_error", headers={"retry_after": "0"})

    events = await chain.ask(limited, anthropic.saying("Hello."))

    assert text_of(events) == "Hello."
    assert (chain.counted("unavailable"), chain.counted("end")) == (1, 1)


async def test_a_long_limit_is_not(chain: Chain) -> None:
    limited = anthropic.refused(429, "rate_limit_error", headers={"retry_after": "60"})

    assert answered_by_the_second(await chain.ask(limited))
    assert len(chain.first.requests) == 1


async def test_a_bad_key_is_not_tried_twice(chain: Chain) -> None:
    assert answered_by_the_second(await chain.ask(anthropic.refused(401, "authentication_error")))
    assert chain.counted("misconfigured") == 1


async def test_a_vendor_that_is_silent_is_left(chain: Chain) -> None:
    assert answered_by_the_second(await chain.ask((head(), Then.HANG), patience=2))
    await asyncio.wait_for(chain.first.gone.wait(), 5)


async def test_a_vendor_that_only_shows_that_it_lives_is_left(chain: Chain) -> None:
    thinking: Reply = (head(), piece(anthropic.start()), *[piece(anthropic.PING)] * 3, Then.HANG)

    assert answered_by_the_second(await chain.ask(thinking, patience=2))


async def test_a_vendor_that_dies_in_mid_sentence_is_the_last(chain: Chain) -> None:
    with pytest.raises(ModelUnavailable):
        await chain.ask((head(), *map(piece, BEGUN), Then.RESET))

    assert chain.second.requests == []


async def test_a_filter_before_any_text_leads_to_the_next(chain: Chain) -> None:
    assert answered_by_the_second(await chain.ask(anthropic.saying(reason="refusal")))


async def test_a_filter_after_text_does_not(chain: Chain) -> None:
    events = await chain.ask(anthropic.saying("It ", reason="refusal"))

    assert events[0] == TextDelta("It ")
    assert isinstance(events[-1], Finished)
    assert events[-1].reason is StopReason.FILTER
