"""Which language models are asked, from what the settings say and leave open."""

from collections.abc import Mapping
from typing import Any

from domain.models import ModelName, Vendor

FIELDS = {"anthropic_api_key", "openai_api_key", "groq_api_key", "llm_base_url", "llm_chain", "text_model_name"}
"""What the chain is made of."""
_OFFLINE = (ModelName.parse(Vendor.OFFLINE),)
_IN_ORDER = (Vendor.ANTHROPIC, Vendor.OPENAI, Vendor.GROQ)
_DEFAULTS = {
    Vendor.ANTHROPIC: "claude-sonnet-5",
    Vendor.OPENAI: "gpt-5.4-mini",
    Vendor.GROQ: "llama-3.3-70b-versatile",
}
_DEMANDS = {
    Vendor.ANTHROPIC: "set ANTHROPIC_API_KEY",
    Vendor.OPENAI: "set OPENAI_API_KEY, or LLM_BASE_URL for a server that needs no key",
    Vendor.GROQ: "set GROQ_API_KEY",
}


def chain(values: Mapping[str, Any]) -> tuple[ModelName, ...]:
    """The models in the order in which they are asked, from the fields that have values so far.

    Raises:
        ValueError: with the sentence that says what to set.
    """
    ready = {vendor for vendor in _IN_ORDER if values.get(f"{vendor}_api_key") is not None}
    if values.get("llm_base_url") is not None:
        ready.add(Vendor.OPENAI)
    named: tuple[ModelName, ...] | None = values.get("llm_chain")
    if named is None:
        return _chosen([vendor for vendor in _IN_ORDER if vendor in ready], values) or _OFFLINE
    for name in named:
        if name.vendor not in ready | {Vendor.OFFLINE}:
            raise ValueError(f"LLM_CHAIN names {name}: {_DEMANDS[name.vendor]}.")
    return named


def _chosen(vendors: list[Vendor], values: Mapping[str, Any]) -> tuple[ModelName, ...]:
    model, server = values.get("text_model_name"), values.get("llm_base_url")
    if server is not None and model is None:
        raise ValueError("TEXT_MODEL_NAME is unset; with LLM_BASE_URL it takes the name of a model of that server.")
    if server is None and model is not None and len(vendors) > 1:
        raise ValueError(
            "TEXT_MODEL_NAME is one model, and there are keys of several vendors: name theirs in LLM_CHAIN."
        )
    models = dict(_DEFAULTS)
    if model is not None and vendors:
        models[Vendor.OPENAI if server is not None else vendors[0]] = model
    return tuple(ModelName(vendor=vendor, model=models[vendor]) for vendor in vendors)
