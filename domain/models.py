"""Names of language models, and the order in which they are asked."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Vendor(StrEnum):
    """Who runs a model, or, for `offline`, that none is run."""

    ANTHROPIC = "anthropic"
    OPENAI = "openai"
    GROQ = "groq"
    OFFLINE = "offline"


_MODEL = re.compile(r"[\w.:/@+-]{1,200}", re.ASCII)
_OFFLINE = "quote"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelName:
    """A model of a vendor; as text `vendor:model`, where the model may hold colons and slashes of its own."""

    vendor: Vendor
    model: str

    def __str__(self) -> str:
        return f"{self.vendor}:{self.model}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The name that `text` is; `offline` alone is enough for that vendor.

        Raises:
            ValueError: it is none.
        """
        vendor, _, model = text.strip().partition(":")
        known = Vendor(vendor.lower())
        if known is Vendor.OFFLINE and model in {"", _OFFLINE}:
            return cls(vendor=known, model=_OFFLINE)
        if known is Vendor.OFFLINE or not _MODEL.fullmatch(model):
            raise ValueError(f"'{text}' is not vendor:model.")
        return cls(vendor=known, model=model)


def model_chain(text: str) -> tuple[ModelName, ...]:
    """The models in `text`, separated by commas, in the order in which they are asked; each is there once.

    Raises:
        ValueError: an entry is no name, or there is none.
    """
    return tuple(dict.fromkeys(ModelName.parse(entry) for entry in text.split(",")))
