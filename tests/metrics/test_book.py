"""Periods of fiscal calendars, and what follows from what was reported."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestry.kernel.metrics import order
from vestry.metrics.book import Book, Reported
from vestry.metrics.periods import Calendar, Kind, Period, Segment, UnknownPeriod, month_of
from vestry.metrics.registry import SHIPPED, STATEMENTS

CALENDAR_YEARS = Calendar()
JUNE_YEARS = Calendar([Segment(1900 * 12, 6)])


def book(*values: tuple[str, str, str], calendar: Calendar = CALENDAR_YEARS) -> Book:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    rows = [
        Reported(i, 1, calendar.named(period), metric, Decimal(value), "USD", "api", "approved", at)
        for i, (metric, period, value) in enumerate(values)
    ]
    return Book(rows, SHIPPED, calendar)


def figure(found: Book, kind: Kind, metric: str, label: str) -> Decimal | None:
    end = found.calendar.named(label).end
    return found.table(kind, [metric], ends=[end])[metric][end].value


def test_the_shipped_definitions_form_a_graph_without_circles_and_each_statement_line_is_defined() -> None:
    order(SHIPPED)
    keys = {one.key for one in SHIPPED}
    assert len(keys) == len(SHIPPED)
    for lines in STATEMENTS.values():
        for line in lines:
            assert line.key in keys
            assert line.part_of is None or line.part_of in keys


@pytest.mark.parametrize(
    ("text", "label", "starts", "ends"),
    [
        ("2022-Q4", "2022-Q4", date(2022, 10, 1), date(2022, 12, 31)),
        ("Q4 2022", "2022-Q4", date(2022, 10, 1), date(2022, 12, 31)),
        ("2022Q4", "2022-Q4", date(2022, 10, 1), date(2022, 12, 31)),
        ("2024-02", "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("Feb 2024", "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("FY2022", "2022", date(2022, 1, 1), date(2022, 12, 31)),
        ("LTM-2022-09", "LTM-2022-09", date(2021, 10, 1), date(2022, 9, 30)),
    ],
)
def test_a_period_may_be_written_in_several_ways_and_has_one_label(
    text: str, label: str, starts: date, ends: date
) -> None:
    period = CALENDAR_YEARS.named(text)
    assert (CALENDAR_YEARS.label(period), period.starts_on, period.ends_on) == (label, starts, ends)


@pytest.mark.parametrize("text", ["", "2022-Q5", "2022-13", "22-Q1", "Q1", "2022-Q٤", "0000", "9999-12", "soon"])
def test_what_names_no_period_is_refused(text: str) -> None:
    with pytest.raises(UnknownPeriod):
        CALENDAR_YEARS.named(text)


def test_a_fiscal_year_bears_the_calendar_year_in_which_it_ends() -> None:
    period = JUNE_YEARS.named("2023-Q1")
    assert (period.starts_on, period.ends_on) == (date(2022, 7, 1), date(2022, 9, 30))
    assert JUNE_YEARS.named("2023").ends_on == date(2023, 6, 30)


@given(st.integers(1, 12), st.integers(1950, 2100), st.integers(1, 4))
def test_the_label_of_a_quarter_names_it_again(year_ends_in: int, year: int, quarter: int) -> None:
    calendar = Calendar([Segment(1900 * 12, year_ends_in)])
    label = f"{year}-Q{quarter}"
    assert calendar.label(calendar.named(label)) == label


def test_where_the_fiscal_year_moves_what_lies_across_is_no_period() -> None:
    moved = Calendar([Segment(month_of(date(2023, 7, 1)), 6)])
    assert moved.named("2022").ends_on == date(2022, 12, 31)
    assert moved.named("2023-Q2").ends_on == date(2023, 6, 30)
    assert moved.named("2024").ends_on == date(2024, 6, 30)
    for across in ("2023", "2023-Q3"):
        with pytest.raises(UnknownPeriod, match="changed"):
            moved.named(across)
    assert moved.named("2023-08").ends_on == date(2023, 8, 31)


def test_quarters_and_years_are_made_of_months_only_where_all_are_there() -> None:
    months = [("revenue", f"2022-{n:02}", "100") for n in range(1, 12)]
    stocks = [("cash_balance", f"2022-{n:02}", str(n)) for n in range(1, 12)]
    found = book(*months, *stocks)
    assert figure(found, "quarter", "revenue", "2022-Q3") == 300
    assert figure(found, "quarter", "cash_balance", "2022-Q3") == 9
    assert found.cell("quarter", "revenue", found.calendar.named("2022-Q4").end).reason == "2 of 3 months"
    whole = book(*months, ("revenue", "2022-12", "1"))
    assert figure(whole, "quarter", "revenue", "2022-Q4") == 201
    assert figure(whole, "year", "revenue", "2022") == 1101


def test_a_reported_quarter_stands_before_the_sum_of_its_months() -> None:
    found = book(*((("revenue", f"2022-0{n}", "100")) for n in (1, 2, 3)), ("revenue", "2022-Q1", "305"))
    assert figure(found, "quarter", "revenue", "2022-Q1") == 305


def test_the_last_twelve_months_are_four_quarters() -> None:
    quarters = zip(("1000000", "1100000", "1200000", "1300000"), range(1, 5), strict=True)
    found = book(*(("revenue", f"2022-Q{n}", value) for value, n in quarters))
    assert figure(found, "ltm", "revenue", "LTM-2022-12") == 4_600_000
    assert figure(found, "quarter", "ltm_revenue", "2022-Q4") == 4_600_000
    assert figure(found, "year", "revenue", "2022") == 4_600_000
    assert figure(found, "ltm", "revenue", "LTM-2022-09") is None


def test_growth_is_against_the_same_quarter_a_year_before_and_against_the_last_both_named() -> None:
    found = book(("revenue", "2021-Q4", "100"), ("revenue", "2022-Q3", "150"), ("revenue", "2022-Q4", "180"))
    assert figure(found, "quarter", "revenue_growth_year", "2022-Q4") == Decimal("0.8")
    assert figure(found, "quarter", "revenue_growth_period", "2022-Q4") == Decimal("0.2")


def test_a_missing_denominator_leaves_a_reason_and_no_figure() -> None:
    found = book(("gross_profit", "2022-Q4", "5"), ("cash_balance", "2022-Q4", "5"), ("cash_burn", "2022-Q4", "-3"))
    end = found.calendar.named("2022-Q4").end
    cells = found.table("quarter", ["gross_margin", "runway_months"], ends=[end])
    assert (cells["gross_margin"][end].value, cells["gross_margin"][end].reason) == (None, "missing: revenue")
    assert cells["runway_months"][end].value is None


def test_quarters_of_two_calendars_do_not_look_back_at_each_other() -> None:
    calendar = Calendar([Segment(month_of(date(2023, 2, 1)), 1)])
    at = datetime(2025, 1, 1, tzinfo=UTC)
    rows = [
        Reported(1, 1, Period(2022 * 12 + 11, "quarter"), "revenue", Decimal(1), "USD", "api", "approved", at),
        Reported(2, 1, Period(2023 * 12 + 3, "quarter"), "revenue", Decimal(2), "USD", "api", "approved", at),
    ]
    found = Book(rows, SHIPPED, calendar).table("quarter", ["revenue_growth_period"])["revenue_growth_period"]
    assert [cell.value for cell in found.values()] == [None, None]


def test_contracted_arr_and_what_winning_it_costs() -> None:
    found = book(
        ("recurring_revenue", "2024-Q4", "250"), ("signed_arr", "2024-Q4", "80"), ("leaving_arr", "2024-Q4", "30"),
        ("revenue", "2024-Q4", "400"), ("gross_profit", "2024-Q4", "320"),
        ("sales_marketing_expense", "2024-Q4", "1000000"), ("new_arr", "2024-Q4", "600000"),
        ("expansion_arr", "2024-Q4", "200000"),
    )  # fmt: skip
    assert figure(found, "quarter", "carr", "2024-Q4") == 1050
    assert figure(found, "quarter", "arr_payback_months", "2024-Q4") == 25  # the SaaS Metrics Standards Board's case
    assert figure(found, "quarter", "blended_cac_ratio", "2024-Q4") == Decimal("1.25")
    assert round(figure(found, "quarter", "new_cac_ratio", "2024-Q4") or 0, 4) == Decimal("1.6667")


def test_the_rule_of_40_by_cash_is_growth_and_free_cash_flow_margin() -> None:
    """The SaaS Metrics Standards Board's worked case: 26.7 % + 21.1 %."""
    found = book(
        ("revenue", "2023", "30000000"), ("revenue", "2024", "38000000"),
        ("operating_cash_flow", "2024", "9000000"), ("capital_expenditure", "2024", "1000000"),
    )  # fmt: skip
    assert round(figure(found, "year", "rule_of_40_cash", "2024") or 0, 10) == Decimal("0.4771929825")
