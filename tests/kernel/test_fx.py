"""Rates, conversion and translation: published cases, the days without a rate, and the identities that always hold."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from vestry.kernel import fx, lots
from vestry.kernel.errors import KernelError

GOLDEN: dict[str, dict[str, Any]] = {
    case["id"]: case for case in yaml.safe_load((Path(__file__).parent / "golden" / "fx.yaml").read_text())
}


def ecb() -> fx.RateTable:
    """The quarter-end rates of the golden case and the turn of 2014 to 2015."""
    rows = [(day, code, rate) for day, legs in GOLDEN["FX-ECB"]["inputs"].items() for code, rate in legs.items()] + [
        (day, code, rate)
        for day, rates in GOLDEN["FX-006"]["expected"].items()
        for code, rate in zip(("USD", "CHF"), rates, strict=True)
    ]
    return fx.RateTable.from_rows(rows)


# --- published cases ------------------------------------------------------------------------------------------------


def test_crosses_are_the_ratio_of_two_euro_rates() -> None:
    table, case = ecb(), GOLDEN["FX-ECB"]
    for day, crosses in case["expected"].items():
        for pair, expected in crosses.items():
            found = table.rate(pair[:3], pair[3:], day)
            assert abs(float(found.value) - expected) <= case["tolerance"]["abs"]
            assert (found.published_on, found.stale) == (date.fromisoformat(day), False)


@pytest.mark.parametrize(
    ("asked", "published"),
    [("2022-12-31", "2022-12-30"), ("2023-12-31", "2023-12-29"), ("2024-03-31", "2024-03-28")],
)
def test_a_day_without_a_rate_uses_the_last_one_before(asked: str, published: str) -> None:
    found = ecb().rate("USD", "CAD", asked)
    assert found.published_on.isoformat() == published
    assert not found.stale
    assert found.value == ecb().rate("USD", "CAD", published).value


def test_the_published_rates_around_the_end_of_the_swiss_floor() -> None:
    table = ecb()
    for day, (dollar, franc) in GOLDEN["FX-006"]["expected"].items():
        assert table.rate("EUR", "CHF", day).value == Decimal(str(franc))
        if dollar is not None:
            assert table.rate("EUR", "USD", day).value == Decimal(str(dollar))


def test_a_cross_never_mixes_two_days() -> None:
    """On 2015-01-15 there is a franc in the case but no dollar; a dollar of the 5th over that franc would be wrong."""
    found = ecb().rate("USD", "CHF", "2015-01-15")
    assert found.published_on == date(2015, 1, 5)
    assert float(found.value) == pytest.approx(1.2016 / 1.1915, rel=1e-15)
    assert found.stale


def test_new_years_day_uses_the_last_day_of_the_year() -> None:
    found = ecb().rate("EUR", "USD", GOLDEN["FX-008"]["inputs"]["date"])
    assert found.published_on.isoformat() == GOLDEN["FX-008"]["expected"]["rate_date"]
    assert found.value == Decimal(str(GOLDEN["FX-008"]["expected"]["eur_usd"]))


def test_between_before_and_after_the_published_days() -> None:
    case = GOLDEN["FX-004"]
    table = fx.RateTable({"USD": case["inputs"]["rates"]})
    used = [table.rate("EUR", "USD", day, before_first="first") for day in case["inputs"]["queries"]]
    assert [rate.published_on.isoformat() for rate in used] == case["expected"]["used"]
    assert [rate.stale for rate in used] == [False, True, True]
    with pytest.raises(fx.NoRate, match="first EUR/USD rate is of 2014-12-01") as refused:
        table.rate("EUR", "USD", "2014-11-30")
    assert refused.value.reason == "before_first"


def test_a_translation_ties_and_its_difference_is_the_cta() -> None:
    inputs, expected = GOLDEN["FX-001"]["inputs"], GOLDEN["FX-001"]["expected"]
    books = inputs["balance"]
    layers = [
        ("capital", books["capital"], inputs["hist_capital"]),
        ("reserves", books["reserves"], inputs["hist_reserves"]),
        ("result", books["result"], inputs["average"]),
    ]
    found = fx.translate(books["assets"], books["other_liab"], layers, inputs["closing"])
    assert (found.assets, found.liabilities, found.cta) == (expected["assets"], expected["liab"], expected["cta"])
    assert dict(found.equity) == {name: expected[name] for name in ("capital", "reserves", "result")}
    assert found.net_assets == sum(value for _, value in found.equity) + found.cta
    assert sum(value for _, value in fx.cta_components(layers, inputs["closing"])) == found.cta


def test_the_cta_rolls_forward_by_layer() -> None:
    inputs, expected = GOLDEN["FX-003"]["inputs"], GOLDEN["FX-003"]["expected"]
    layers = [
        fx.EquityLayer("capital", *inputs["capital"][:2]),
        *(fx.EquityLayer("reserves", *layer) for layer in inputs["reserves_layers"]),
        fx.EquityLayer("result", *inputs["result"]),
    ]
    found = fx.cta_components(layers, inputs["closing"])
    totals = {name: sum(value for other, value in found if other == name) for name, _ in found}
    assert totals == {name: expected[f"{name}_component"] for name in ("capital", "reserves", "result")}
    assert sum(totals.values()) == expected["cta"]


def test_gains_in_the_base_currency_take_each_day_at_its_own_rate() -> None:
    inputs = {"usdchf": {"2015-01-01": 0.99411, "2017-12-31": 0.9787, "2018-01-01": 0.97373}}
    table = fx.RateTable({"CHF": inputs["usdchf"]}, base="USD")
    flows = [
        ("2015-01-01", -2 * Decimal("320.43")),
        ("2017-12-31", Decimal("14156.4")),
        ("2018-01-01", Decimal("13657.2")),
    ]
    assert sum(amount for _, amount in flows) == Decimal("27172.74")
    in_francs = sum(table.convert(amount, "USD", "CHF", day).exact for day, amount in flows)
    assert float(in_francs) == pytest.approx(26516.2087014, abs=1e-3)


@pytest.mark.parametrize(("method", "gain"), [("fifo", 830), ("average", 730)])
def test_realised_gain_in_the_base_currency_by_method(method: str, gain: int) -> None:
    """Portfolio Performance: 100 for 5,000 at 0.9 and 50 for 3,000 at 0.85 bought, 50 for 3,500 at 0.88 sold."""
    table = fx.RateTable({})
    events = []
    for day, make, quantity, amount, rate in (
        ("2024-01-01", lots.buy, 100, 5000, "0.9"),
        ("2024-01-02", lots.buy, 50, 3000, "0.85"),
        ("2024-01-03", lots.sell, 50, 3500, "0.88"),
    ):
        paid = table.convert(amount, "USD", "EUR", day, contractual_rate=rate).amount
        events.append(make(day, quantity, paid / quantity))
    assert float(lots.book(events, method).realised) == pytest.approx(gain, abs=1e-9)


# --- the rules ------------------------------------------------------------------------------------------------------

TABLE = fx.RateTable(
    {
        "USD": {"2024-01-02": "1.10", "2024-01-03": "1.20", "2024-01-05": "1.00"},
        "JPY": {"2024-01-02": 160, "2024-01-05": 150},
    }
)


def test_every_converted_value_keeps_rate_date_and_rule() -> None:
    found = TABLE.convert(1000, "EUR", "USD", "2024-01-04")
    assert (found.amount, found.rate.published_on, found.rate.rule) == (Decimal("1200.00"), date(2024, 1, 3), "closing")
    assert found.rate.age_days == 1
    lines = found.explain().lines()
    assert lines[0] == "closing rate, published 2024-01-03"
    assert "USD per base = published = 1.20" in lines


def test_amounts_are_rounded_to_the_currency_and_rates_are_not() -> None:
    found = TABLE.convert("100.005", "USD", "JPY", "2024-01-02")
    assert str(found.rate.value) == "145." + "45" * 15 + "5"
    assert found.amount == Decimal(14546)
    assert TABLE.convert(1, "USD", "JPY", "2024-01-02", places=4).amount == Decimal("145.4545")


def test_an_average_counts_published_days_only() -> None:
    found = TABLE.average("EUR", "USD", "2024-01-01", "2024-01-31")
    assert (found.value, found.rule, found.published_on) == (Decimal("1.1"), "average", date(2024, 1, 5))
    assert found.stale
    converted = TABLE.convert(100, "EUR", "USD", "2024-01-31", start="2024-01-01")
    assert (converted.amount, converted.rate.rule) == (Decimal("110.00"), "average")
    with pytest.raises(fx.NoRate, match="between 2024-02-01 and 2024-02-29"):
        TABLE.average("EUR", "USD", "2024-02-01", "2024-02-29")


def test_the_two_ways_to_average_a_cross_differ() -> None:
    daily = TABLE.average("USD", "JPY", "2024-01-01", "2024-01-05").value
    ratio = TABLE.average("USD", "JPY", "2024-01-01", "2024-01-05", method="cross_of_averages").value
    assert float(daily) == pytest.approx((160 / 1.1 + 150 / 1.0) / 2)
    assert float(ratio) == pytest.approx(155 / 1.05)


def test_one_currency_against_itself_is_one() -> None:
    assert TABLE.rate("usd", "USD", "1990-01-01").value == 1
    assert TABLE.average("EUR", "EUR", "2024-01-01", "2024-01-02").value == 1


def test_a_series_carries_the_last_rate_over_the_gaps() -> None:
    values = [rate.value for rate in TABLE.series("EUR", "USD", "2024-01-02", "2024-01-06")]
    assert values == [Decimal(text) for text in ("1.10", "1.20", "1.20", "1.00", "1.00")]


def test_a_contractual_rate_overrules_the_table() -> None:
    found = TABLE.convert(100, "EUR", "USD", "2024-01-02", contractual_rate="1.5")
    assert (found.amount, found.rate.rule) == (Decimal("150.00"), "contractual")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: TABLE.rate("EUR", "GBP", "2024-01-02"), "no GBP rates"),
        (lambda: TABLE.rate("EUR", "XXX", "2024-01-02"), "not a currency"),
        (lambda: TABLE.rate("EUR", "US", "2024-01-02"), "not a currency"),
        (lambda: TABLE.average("EUR", "USD", "2024-01-02", "2024-01-01"), "before it starts"),
        (lambda: TABLE.convert(1, "EUR", "USD", "2024-01-02", contractual_rate=0), "positive"),
        (lambda: TABLE.convert(float("nan"), "EUR", "USD", "2024-01-02"), "amount"),
        (lambda: fx.RateTable({"USD": {"2024-01-02": 0}}), "positive"),
        (lambda: fx.RateTable({"USD": {"2024-01-02": 1, date(2024, 1, 2): 2}}), "two USD rates"),
        (lambda: fx.RateTable.from_rows([("2024-01-02", "USD", 1), ("2024-01-02", "USD", 2)]), "two USD rates"),
        (
            lambda: fx.RateTable({"USD": {"2024-01-02": 1}, "GBP": {"2024-01-03": 1}}).rate("USD", "GBP", "2024-01-09"),
            "same day",
        ),
        (lambda: fx.translate(100, 50, [("capital", 49, 1)], 1), "do not balance"),
        (lambda: fx.translate(100, 50, [("capital", 50, 1)], 0), "positive"),
        (lambda: fx.cta_movement(opening_net_assets=1, opening_rate=1, closing_rate=1, profit=5), "profit need"),
        (lambda: fx.split_effect(1, 1, 1, 1, cross_term="both"), "cross_term"),  # type: ignore[arg-type]
    ],
)
def test_what_has_no_rate_is_refused(make: Any, says: str) -> None:
    with pytest.raises(KernelError, match=says):
        make()


def test_the_effect_of_price_and_currency_on_a_holding() -> None:
    """Cost 100 at 1.10, value 150 at 1.20: 70 in all, 60 price and 10 currency, or 55 and 15, or 55, 10 and 5."""
    assert [
        (found.price, found.fx, found.cross)
        for found in (
            fx.split_effect(100, 150, "1.10", "1.20", cross_term=term) for term in ("price", "fx", "separate")
        )
    ] == [(60, 10, 0), (55, 15, 0), (55, 10, 5)]


def test_remeasurement_puts_monetary_items_at_closing() -> None:
    carried, gain = fx.remeasure(1000, [(500, "1.1"), (200, "1.2")], closing="1.3", booked=1990)
    assert (carried, gain) == (Decimal("2090"), Decimal("100"))


# --- properties -----------------------------------------------------------------------------------------------------

rates = st.decimals("0.01", "500", places=5)
amounts = st.decimals("-1e9", "1e9", places=2)


@given(rates, rates, amounts)
def test_there_and_back_is_where_it_began(one: Decimal, other: Decimal, amount: Decimal) -> None:
    table = fx.RateTable({"USD": {"2024-01-02": one}, "GBP": {"2024-01-02": other}})
    there = table.convert(amount, "USD", "GBP", "2024-01-02").exact
    back = table.convert(there, "GBP", "USD", "2024-01-02").exact
    assert abs(back - amount) <= Decimal("1e-15") * (1 + abs(amount))


@given(st.dictionaries(st.integers(0, 60), rates, min_size=1), st.integers(0, 80))
def test_a_rate_is_never_from_the_future(days: dict[int, Decimal], asked: int) -> None:
    start = date(2024, 1, 1)
    table = fx.RateTable({"USD": {start + timedelta(days=day): rate for day, rate in days.items()}})
    wanted = start + timedelta(days=asked)
    if asked < min(days):
        with pytest.raises(fx.NoRate):
            table.rate("EUR", "USD", wanted)
        return
    found = table.rate("EUR", "USD", wanted)
    assert found.published_on == start + timedelta(days=max(day for day in days if day <= asked))
    assert found.value == days[(found.published_on - start).days]


@given(amounts, amounts, rates, rates, st.sampled_from(["price", "fx", "separate"]))
def test_price_and_currency_sum_to_the_whole(
    cost: Decimal, value: Decimal, was: Decimal, now: Decimal, term: Any
) -> None:
    found = fx.split_effect(cost, value, was, now, cross_term=term)
    assert found.price + found.fx + found.cross == found.total == value * now - cost * was


@given(amounts, amounts, amounts, rates, rates, rates)
def test_the_cta_of_two_years_is_the_sum_of_their_movements(
    capital: Decimal, first: Decimal, second: Decimal, start: Decimal, average: Decimal, closing: Decimal
) -> None:
    """Year 1 opens with the capital at ``start`` and closes at ``average``; year 2 closes at ``closing``."""
    year_1 = fx.cta_movement(
        opening_net_assets=capital, opening_rate=start, closing_rate=average, profit=first, average_rate=start
    )
    year_2 = fx.cta_movement(
        opening_net_assets=capital + first,
        opening_rate=average,
        closing_rate=closing,
        profit=second,
        average_rate=average,
    )
    layers = [("capital", capital, start), ("year 1", first, start), ("year 2", second, average)]
    found = fx.translate(capital + first + second, 0, layers, closing)
    assert found.cta == year_1 + year_2
