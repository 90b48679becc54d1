import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from domain.errors import Fault, Invalid

_AMOUNT = re.compile(r"\d{1,8}(?:\.\d{1,4})?", re.ASCII)
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
"""The shape of an ISO 4217 code."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount from 0 to 99999999.9999, with up to 4 decimals, and the code of its currency (ISO 4217).

    Raises:
        Invalid: it is no such amount, or the currency no such code.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        _check_amount(f"{self.amount:f}")
        if not CURRENCY.fullmatch(self.currency):
            raise Invalid(Fault("/price_from/currency", "bad_currency", "A currency is an ISO 4217 code: 'EUR'."))

    @classmethod
    def parse(cls, amount: str, currency: str) -> Self:
        """As the constructor, from the text of the amount."""
        return cls(Decimal(_check_amount(amount)), currency)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


def _check_amount(amount: str) -> str:
    if not _AMOUNT.fullmatch(amount):
        sentence = "An amount is a decimal from 0 to 99999999.9999, such as '120.00'."
        raise Invalid(Fault("/price_from/amount", "bad_amount", sentence))
    return amount
