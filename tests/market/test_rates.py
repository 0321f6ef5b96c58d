"""Which rate converts what: the packaged history, the firm's own rates, and what was known when."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tests.real_data import real_data
from vestry.core.fields import decimal_text
from vestry.market.rates import FxRates, NoFxRate, OwnRate, SeveralAgreedRates
from vestry.market.reference import FILE, Reference, history

PUBLISHED = FxRates(Reference())


def own(
    number: int, base: str, quote: str, day: str, rate: str, kind: str = "manual", until: str | None = None
) -> OwnRate:
    ends = None if until is None else date.fromisoformat(until)
    return OwnRate(number, kind, base, quote, date.fromisoformat(day), ends, Decimal(rate), "Bank")


def test_the_packaged_history_is_small_and_names_its_source() -> None:
    assert FILE.stat().st_size < 1_000_000
    assert (history().days[0], len(history().days) >= 7126) == ("1999-01-04", True)
    assert "European Central Bank" in (FILE.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("base", "quote", "on", "rate", "published_on"),
    [
        # ECB reference rates, eurofxref-hist: 1 EUR = 1.0666 USD = 1.4440 CAD on 2022-12-30.
        ("USD", "CAD", "2022-12-30", "1.353835", "2022-12-30"),
        ("USD", "CAD", "2022-12-31", "1.353835", "2022-12-30"),
        ("EUR", "USD", "2022-12-30", "1.066600", "2022-12-30"),
        ("EUR", "USD", "2024-03-31", "1.081100", "2024-03-28"),
        ("GBP", "CAD", "2023-12-31", "1.684828", "2023-12-29"),
    ],
)
def test_a_cross_is_the_ratio_of_two_euro_rates_of_the_last_published_day(
    base: str, quote: str, on: str, rate: str, published_on: str
) -> None:
    found = PUBLISHED.rate(base, quote, date.fromisoformat(on))
    assert f"{found.rate.value:.6f}" == rate
    assert (found.rate.published_on.isoformat(), found.rate.stale, found.source) == (published_on, False, "ecb")


def test_every_quarter_end_cross_of_the_reference_file_is_met() -> None:
    for day, crosses in json.loads(real_data("fx/ecb_quarter_end_crosses.json").read_text())["rates"].items():
        for pair, wanted in crosses.items():
            found = PUBLISHED.rate(pair[:3], pair[3:], date.fromisoformat(day)).rate.value
            assert round(found, 6) == Decimal(str(wanted)), (day, pair)


@pytest.mark.parametrize(
    ("base", "quote", "on", "reason"),
    [
        ("USD", "CAD", "1999-01-03", "before_first"),
        ("USD", "AED", "2024-01-02", "unknown_currency"),
        ("EUR", "DEM", "2024-01-02", "unknown_currency"),
        ("TRL", "CNY", "2024-01-02", "none_in_period"),
    ],
)
def test_without_a_rate_there_is_a_reason_and_never_one(base: str, quote: str, on: str, reason: str) -> None:
    with pytest.raises(NoFxRate) as refused:
        PUBLISHED.rate(base, quote, date.fromisoformat(on))
    assert refused.value.reason == reason


def test_a_currency_that_is_published_no_more_keeps_its_last_rate_and_is_stale() -> None:
    found = PUBLISHED.rate("EUR", "RUB", date(2024, 6, 30))
    assert (found.rate.published_on, found.rate.stale) == (date(2022, 3, 1), True)


def test_a_manual_rate_stands_on_its_day_and_until_the_next_published_one() -> None:
    rates = FxRates(Reference(), [own(7, "USD", "CAD", "2022-12-31", "1.40")])
    assert rates.rate("USD", "CAD", date(2022, 12, 30)).source == "ecb"
    for day in (date(2022, 12, 31), date(2023, 1, 1)):
        found = rates.rate("USD", "CAD", day)
        assert (found.rate.value, found.source, found.rate_id) == (Decimal("1.40"), "manual", 7)
    assert rates.rate("CAD", "USD", date(2023, 1, 1)).convert(Decimal(1400)).amount == 1000
    assert rates.rate("USD", "CAD", date(2023, 1, 2)).source == "ecb"


def test_a_manual_rate_serves_a_currency_nobody_publishes_and_grows_stale() -> None:
    rates = FxRates(Reference(), [own(1, "USD", "AED", "2024-01-02", "3.6725")])
    assert rates.rate("AED", "USD", date(2024, 1, 2)).convert(Decimal("36725.00")).amount == Decimal("10000.00")
    assert rates.rate("USD", "AED", date(2024, 3, 31)).rate.stale
    with pytest.raises(NoFxRate):
        rates.rate("USD", "AED", date(2024, 1, 1))


def test_an_average_counts_each_published_day_once_and_takes_manual_days_in() -> None:
    days = [day for day in history().series("USD") if date(2022, 10, 1) <= day <= date(2022, 12, 31)]
    usd, cad = history().series("USD"), history().series("CAD")
    mean = sum((cad[day] / usd[day] for day in days), Decimal(0)) / len(days)
    found = PUBLISHED.average("USD", "CAD", date(2022, 10, 1), date(2022, 12, 31))
    assert (round(found.rate.value, 20), found.rate.rule) == (round(mean, 20), "average")

    mixed = FxRates(Reference(), [own(1, "CAD", "USD", "2022-12-31", "0.5")])
    found = mixed.average("USD", "CAD", date(2022, 10, 1), date(2022, 12, 31))
    assert round(found.rate.value, 20) == round((mean * len(days) + 2) / (len(days) + 1), 20)
    assert found.source == "mixed"


def test_a_contractual_rate_converts_only_what_asks_for_it() -> None:
    agreed = own(3, "USD", "CAD", "2022-01-01", "1.25", "contractual", "2022-12-31")
    rates = FxRates(Reference(), [agreed])
    assert rates.rate("USD", "CAD", date(2022, 12, 30)).source == "ecb"
    found = rates.quoted("CAD", "USD", date(2022, 12, 30), rule="contractual")
    assert (found.rate.value, found.rate.rule, found.rate_id) == (Decimal("0.8"), "contractual", 3)
    with pytest.raises(NoFxRate):
        rates.agreed("USD", "CAD", date(2023, 1, 1))
    twice = FxRates(Reference(), [agreed, agreed._replace(id=4, ends_on=None)])
    with pytest.raises(SeveralAgreedRates):
        twice.agreed("USD", "CAD", date(2022, 6, 30))
    assert twice.agreed("USD", "CAD", date(2022, 6, 30), rate_id=4).rate_id == 4


def test_a_grid_is_the_same_rates_one_by_one_with_gaps_where_there_are_none() -> None:
    days = [date(2022, 12, 31), date(1998, 12, 31)]
    grid = PUBLISHED.closing_grid(["USD", "AED", "CAD"], "CAD", days)
    assert grid.values.shape == (3, 2)
    assert grid.values[0, 0] == pytest.approx(1.353834614663416, rel=1e-15)
    assert np.isnan(grid.values[1]).all()
    assert np.isnan(grid.values[0, 1])
    assert grid.values[2].tolist() == [1, 1]
    found = grid.quoted[0][0]
    assert found is not None
    assert decimal_text(found.rate.value).startswith("1.35383461466341")
    averages = PUBLISHED.average_grid(["USD"], "CAD", [(date(2022, 10, 1), date(2022, 12, 31))])
    one = PUBLISHED.average("USD", "CAD", date(2022, 10, 1), date(2022, 12, 31)).rate.value
    assert averages.values[0, 0] == float(one)


def test_what_was_fetched_goes_before_the_packaged_history() -> None:
    fetched = Reference({"USD": {date(2022, 12, 30): Decimal("1.07"), date(2030, 1, 2): Decimal("1.2")}})
    assert FxRates(fetched).rate("EUR", "USD", date(2022, 12, 31)).rate.value == Decimal("1.07")
    assert fetched.newest_day() == date(2030, 1, 2)
    assert fetched.days("USD")[-1] == np.datetime64("2030-01-02")
    assert fetched.days("USD").tolist() == sorted(fetched.series("USD"))


def test_the_ladder_leads_from_the_amount_over_both_legs() -> None:
    found = PUBLISHED.rate("USD", "CAD", date(2022, 12, 31))
    made = found.convert(Decimal("1000.00"))
    ladder: Any = found.explain(made)
    assert made.amount == Decimal("1353.83")
    assert [step.value for step in ladder.steps] == [
        Decimal("1.0666"), Decimal("1.444"), made.rate.value, made.exact, made.amount,
    ]  # fmt: skip
    assert ladder.source.startswith("ECB")
    manual = FxRates(Reference(), [own(9, "USD", "CAD", "2022-12-31", "1.4")]).rate("USD", "CAD", date(2022, 12, 31))
    assert manual.explain(manual.convert(Decimal(1))).inputs["rate_id"] == 9
    assert manual.rate.legs == ()  # it is no cross of two euro rates
