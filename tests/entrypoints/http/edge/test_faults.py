from enum import StrEnum
from typing import Annotated

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType

from domain.errors import Fault
from entrypoints.http.edge.faults import fault_of


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Box(msgspec.Struct):
    sizes: list[Size | None] = []


class Order(msgspec.Struct):
    size: Size | UnsetType | None = UNSET
    box: Box | None = None


@pytest.mark.parametrize(
    ("body", "at"), [('{"size": "odd"}', "/size"), ('{"box": {"sizes": ["small", null, "odd"]}}', "/box/sizes/2")]
)
def test_what_is_none_of_a_closed_set_is_told_the_set(body: str, at: str) -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.json.decode(body, type=Order)
    sentence = "Invalid enum value 'odd'; it is one of 'small', 'large'."
    assert fault_of(str(raised.value), of=Order) == Fault(at, "invalid", sentence)


def test_a_parameter_is_told_the_set_too() -> None:
    fault = fault_of(
        "Invalid enum value 'odd'", "query", "size", of=Annotated[Size | None, Meta(description="How big.")]
    )
    assert (fault.pointer, fault.detail) == (
        "/query/size",
        "Invalid enum value 'odd'; it is one of 'small', 'large'.",
    )


def test_where_the_type_is_not_known_the_value_alone_is_told() -> None:
    assert fault_of("Invalid enum value 'odd'").detail == "Invalid enum value 'odd'."
