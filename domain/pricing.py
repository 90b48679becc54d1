"""What models cost."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Self, cast

from domain.money import CURRENCY

_PER_MILLION = -6


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What calls cost: an exact decimal without exponent, of any number of places, and its currency (ISO 4217)."""

    amount: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Of a million tokens, in the currency of the price list."""

    input: Decimal
    output: Decimal


@dataclass(frozen=True, slots=True)
class PriceList:
    """What the models named `vendor:model` cost, all in one currency (ISO 4217): nothing converts it."""

    prices: Mapping[str, Price] = field(default_factory=dict[str, Price])
    currency: str = "USD"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The list in `text`, such as `{"currency": "EUR", "openai:gpt-4.1": {"input": "2.00", "output": "8.00"}}`.

        Raises:
            ValueError: it is none: prices are numbers, or decimals as text, from 0; a currency is three capitals.
        """
        try:
            entries = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        except (RecursionError, InvalidOperation) as error:
            raise ValueError("The prices nest too deeply, or hold a number too large.") from error
        if not isinstance(entries, dict):
            raise ValueError("The prices are a JSON object.")  # noqa: TRY004 (what is read is text)
        named = cast("dict[str, object]", entries)
        currency = _currency(named.pop("currency", "USD"))
        return cls({name: _price(entry) for name, entry in named.items()}, currency)

    def cost(self, model: str, input_tokens: int | None, output_tokens: int | None) -> Cost | None:
        """What a call cost; None where the price or a count is not known."""
        price = self.prices.get(model)
        if price is None or input_tokens is None or output_tokens is None:
            return None
        amount = (price.input * input_tokens + price.output * output_tokens).scaleb(_PER_MILLION)
        return Cost(amount=_written(amount), currency=self.currency)


def total_cost(costs: Iterable[Cost | None]) -> Cost | None:
    """The sum of what calls cost; None when that of one is not known, their currencies differ, or there are none."""
    told = list(costs)
    known = [cost for cost in told if cost is not None]
    if len(known) < len(told) or len({cost.currency for cost in known}) != 1:
        return None
    return Cost(amount=_written(sum((Decimal(cost.amount) for cost in known), Decimal(0))), currency=known[0].currency)


def _currency(code: object) -> str:
    if not isinstance(code, str) or not CURRENCY.fullmatch(code):
        raise ValueError("A currency is an ISO 4217 code: 'EUR'.")
    return code


def _price(entry: object) -> Price:
    if not isinstance(entry, dict) or set(cast("dict[str, object]", entry)) != {"input", "output"}:
        raise ValueError("A price has 'input' and 'output'.")
    parts = cast("dict[str, object]", entry)
    return Price(input=_amount(parts["input"]), output=_amount(parts["output"]))


def _amount(value: object) -> Decimal:
    try:
        amount = Decimal(value) if isinstance(value, str | Decimal) else Decimal("NaN")
    except InvalidOperation as error:
        raise ValueError("A price is a number.") from error
    if not amount.is_finite() or not 0 <= amount <= 1_000_000 or len(amount.as_tuple().digits) > 12:  # noqa: PLR2004
        raise ValueError("A price is a number from 0 to 1000000, of 12 digits at most.")
    return amount


def _written(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
