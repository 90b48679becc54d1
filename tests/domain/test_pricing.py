import pytest

from domain.pricing import Cost, PriceList, total_cost

PRICES = PriceList.parse('{"openai:gpt-4.1": {"input": "2.00", "output": 8}, "openai:free": {"input": 0, "output": 0}}')


def costing(amount: str | None, currency: str = "USD") -> Cost | None:
    return None if amount is None else Cost(amount=amount, currency=currency)


@pytest.mark.parametrize(
    ("read", "written", "cost"),
    [
        (1_000_000, 0, "2"),
        (0, 1_000_000, "8"),
        (31, 7, "0.000118"),
        (1, 0, "0.000002"),
        (0, 0, "0"),
        (5_000_000, 0, "10"),
        (None, 7, None),
        (31, None, None),
    ],
)
def test_a_call_costs_what_its_tokens_do(read: int | None, written: int | None, cost: str | None) -> None:
    assert PRICES.cost("openai:gpt-4.1", read, written) == costing(cost)


def test_tokens_may_cost_nothing() -> None:
    assert PRICES.cost("openai:free", 31, 7) == costing("0")


def test_a_model_without_a_price_has_no_cost() -> None:
    assert PRICES.cost("openai:gpt-5", 31, 7) is None
    assert PriceList().cost("openai:gpt-4.1", 31, 7) is None


def test_small_prices_are_exact() -> None:
    prices = PriceList.parse('{"a:b": {"input": 0.1, "output": "0.000001"}}')

    assert prices.cost("a:b", 3, 1) == costing("0.000000300001")


def test_the_currency_is_named_beside_the_models() -> None:
    prices = PriceList.parse('{"currency": "CZK", "a:b": {"input": 1000000, "output": 0}}')

    assert prices.cost("a:b", 120, 0) == costing("120", "CZK")
    assert prices.cost("currency", 1, 1) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "2",
        "[" * 100_000,
        '{"a:b": 2}',
        '{"currency": null}',
        '{"currency": "euro"}',
        '{"currency": {"input": 1, "output": 1}}',
        '{"a:b": {"input": 1e99999999999999999999, "output": 1}}',
        '{"a:b": {"input": 1}}',
        '{"a:b": {"input": 1, "output": 1, "cached": 1}}',
        '{"a:b": {"input": -1, "output": 1}}',
        '{"a:b": {"input": 1, "output": "much"}}',
        '{"a:b": {"input": 1, "output": null}}',
        '{"a:b": {"input": 1, "output": true}}',
        '{"a:b": {"input": NaN, "output": 1}}',
        '{"a:b": {"input": "Infinity", "output": 1}}',
        '{"a:b": {"input": "1e9", "output": 1}}',
        '{"a:b": {"input": "0.0000000000001234567890123", "output": 1}}',
    ],
)
def test_what_is_no_price_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (JSON's own sentences differ)
        PriceList.parse(text)


@pytest.mark.parametrize(
    ("costs", "total"),
    [(["0.1", "0.2"], "0.3"), (["1", None], None), ([None], None), ([], None), (["5", "5"], "10")],
)
def test_costs_add_up_where_all_are_known(costs: list[str | None], total: str | None) -> None:
    assert total_cost(map(costing, costs)) == costing(total)


def test_costs_in_several_currencies_have_no_sum() -> None:
    assert total_cost([costing("1", "EUR"), costing("1", "USD")]) is None
