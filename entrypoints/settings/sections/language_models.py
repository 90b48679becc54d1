from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from domain.models import ModelName
from domain.pricing import PriceList
from entrypoints.settings import kinds
from entrypoints.settings.setting import Setting


@dataclass(frozen=True, kw_only=True, repr=False)
class LanguageModels:
    """Who writes the answers."""

    openai_api_key: Annotated[
        str | None,
        Setting(
            effect="Has models of OpenAI answer, or goes to LLM_BASE_URL. Needs the extra: flightdeck[openai].",
            kind=kinds.API_KEY,
            secret=True,
        ),
    ]
    groq_api_key: Annotated[
        str | None,
        Setting(
            effect="Has models of Groq answer. Needs the extra: flightdeck[openai].", kind=kinds.API_KEY, secret=True
        ),
    ]
    anthropic_api_key: Annotated[
        str | None,
        Setting(
            effect="Has models of Anthropic answer. Needs the extra: flightdeck[anthropic].",
            kind=kinds.API_KEY,
            secret=True,
        ),
    ]
    groq_base_url: Annotated[
        str | None,
        Setting(
            effect="Where models of Groq are asked, such as a gateway of your own; while unset at Groq's own server.",
            kind=kinds.MODEL_SERVER,
        ),
    ]
    anthropic_base_url: Annotated[
        str | None,
        Setting(
            effect="Where models of Anthropic are asked, such as a gateway of your own; while unset at Anthropic's own "
            "server.",
            kind=kinds.VENDOR,
        ),
    ]
    llm_base_url: Annotated[
        str | None,
        Setting(
            effect="Another server that speaks as OpenAI's, such as Ollama or vLLM; 'openai' is then that one.",
            kind=kinds.MODEL_SERVER,
        ),
    ]
    llm_chain: Annotated[
        tuple[ModelName, ...],
        Setting(
            effect="The models, in the order in which they are asked. While unset, of anthropic, openai and groq "
            "those with a key.",
            kind=kinds.MODELS,
        ),
    ]
    text_model_name: Annotated[
        str | None,
        Setting(
            effect="The model of the vendor with a key, or of LLM_BASE_URL, while LLM_CHAIN is unset; else "
            "claude-sonnet-5, gpt-5.4-mini or llama-3.3-70b-versatile.",
            kind=kinds.MODEL,
        ),
    ]
    model_temperature: Annotated[
        float,
        Setting(
            effect="How freely models of OpenAI, Groq and LLM_BASE_URL word their answers, where they let us choose.",
            kind=kinds.decimal(0, 2),
            default="0.7",
        ),
    ]
    llm_first_token_timeout: Annotated[
        timedelta,
        Setting(
            effect="How long a model may take until its first text before the next is asked.",
            kind=kinds.duration("1s", "3m"),
            default="10s",
        ),
    ]
    llm_silence_timeout: Annotated[
        timedelta,
        Setting(
            effect="How long a model's server may send nothing in the middle of an answer.",
            kind=kinds.duration("1s", "3m"),
            default="30s",
        ),
    ]
    llm_max_tokens: Annotated[
        int,
        Setting(
            effect="The most tokens of one answer of Anthropic's models, thoughts included.",
            kind=kinds.whole(16, 1_000_000),
            default="8192",
        ),
    ]
    model_prices: Annotated[
        PriceList,
        Setting(
            effect="What a million tokens cost, read and written, by vendor:model; the cost of others stays unknown. "
            "The currency is USD unless another is named.",
            kind=kinds.PRICES,
            default="{}",
        ),
    ]
