"""What people type into a form: read where it means one thing, asked back where it means two."""

from __future__ import annotations

from decimal import Decimal

import pytest

from vestry.kernel.metrics import MetricDefinition
from vestry.metrics.registry import SHIPPED
from vestry.requests.figures import change, read
from vestry.requests.meanings import MEANINGS, meaning

MONEY = MetricDefinition("cash_balance", "Cash", "money", "stock")
HEADS = MetricDefinition("employees", "Employees", "count", "stock", "positive")
RATIO = MetricDefinition("reported_churn", "Churn", "ratio", "stock", "positive")


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("1250000", "1250000"),
        ("1,250,000.50", "1250000.50"),
        ("1 250 000", "1250000"),
        ("1\u202f250\u00a0000", None),  # two kinds of blank between the groups are both a blank
        ("1'250'000", "1250000"),
        (" -12.5 ", "-12.5"),
        ("−12.5", "-12.5"),
        ("(4,464,892)", "-4464892"),
        ("+3", "3"),
        (".5", "0.5"),
        ("0", "0"),
    ],
)
def test_a_plain_number_is_read_however_its_thousands_are_parted(text: str, figure: str | None) -> None:
    assert read(text, MONEY).figure == Decimal(figure or "1250000")


@pytest.mark.parametrize(("text", "figure"), [("93%", "0.93"), ("0.93", "0.93"), ("93 %", "0.93"), ("112%", "1.12")])
def test_a_percentage_is_a_fraction(text: str, figure: str) -> None:
    assert read(text, RATIO).figure == Decimal(figure)


@pytest.mark.parametrize(
    ("text", "definition", "code"),
    [
        ("93", RATIO, "percent_or_fraction"),
        ("93%", MONEY, "not_a_percentage"),
        ("-3", HEADS, "negative_count"),
        ("about 5", MONEY, "not_a_number"),
        ("5 million", MONEY, "not_a_number"),
        ("4.2m", MONEY, "not_a_number"),
        ("n/a", MONEY, "not_a_number"),
        ("1,5", MONEY, "comma_or_point"),
        ("1.234.567", MONEY, "not_a_number"),
        ("1,23,456", MONEY, "not_a_number"),
        ("1e9", MONEY, "not_a_number"),
        ("NaN", MONEY, "not_a_number"),
        ("٣", MONEY, "not_a_number"),
        ("--5", MONEY, "not_a_number"),
        ("1.23456", MONEY, "beyond_range"),
        ("9" * 15, MONEY, "beyond_range"),
    ],
)
def test_what_may_mean_two_things_or_nothing_is_asked_back(text: str, definition: MetricDefinition, code: str) -> None:
    found = read(text, definition)
    assert (found.figure, found.code) == (None, code)
    assert found.problem


def test_a_change_is_measured_from_the_size_of_the_figure_before() -> None:
    assert change(Decimal(60), Decimal(100)) == Decimal("-0.4")
    assert change(Decimal(-50), Decimal(-100)) == Decimal("0.5")
    assert change(Decimal(5), None) is None
    assert change(Decimal(5), Decimal(0)) is None


def test_every_reported_metric_has_a_meaning_and_every_meaning_a_metric() -> None:
    reported = {one.key: one for one in SHIPPED if one.kind != "derived"}
    assert set(MEANINGS) <= set(reported)
    for one in reported.values():
        assert meaning(one).endswith(".")
    assert meaning(HEADS, "Ours") == "Ours"
