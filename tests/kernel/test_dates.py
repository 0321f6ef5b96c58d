import datetime as dt
from itertools import pairwise

import numpy as np
import pytest
import QuantLib
from hypothesis import given
from hypothesis import strategies as st

from vestry.kernel import dates
from vestry.kernel.dates import add_months, year_fraction
from vestry.kernel.errors import KernelError

day = st.dates(dt.date(1950, 1, 1), dt.date(2090, 12, 31))


def d(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    "given_as",
    [
        "2024-02-29",
        d("2024-02-29"),
        dt.datetime(2024, 2, 29, 23, 59),
        np.datetime64("2024-02-29"),
        "2024-02-29T10:00:00Z",
    ],
)
def test_a_date_may_come_in_any_of_its_usual_forms(given_as: dates.DateLike) -> None:
    assert dates.to_date(given_as) == d("2024-02-29")
    assert dates.to_ordinal(given_as) == d("2024-02-29").toordinal()


@pytest.mark.parametrize("bad", ["2023-02-29", "29/02/2024", "", 20240229, None, np.datetime64("NaT")])
def test_what_is_no_date_is_refused(bad: object) -> None:
    with pytest.raises(KernelError, match="not a date"):
        dates.to_date(bad)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "end", "name", "expected"),
    [
        ("2020-01-01", "2021-01-01", "act/365f", 366 / 365),
        ("2020-01-01", "2021-01-01", "act/360", 366 / 360),
        ("2020-01-01", "2021-01-01", "Act/Act ISDA", 1.0),
        ("2023-11-01", "2024-05-01", "act/act isda", 61 / 365 + 121 / 366),  # ISDA paper on EMU, 1998, example 1
        ("2003-11-01", "2004-05-01", "30/360", 0.5),
        ("2007-01-15", "2007-01-30", "30/360", 15 / 360),
        ("2007-01-31", "2007-03-31", "30/360", 60 / 360),
        ("2007-01-31", "2007-03-31", "30E/360", 60 / 360),
        ("2007-09-30", "2007-10-31", "30/360 bond", 30 / 360),
        ("2007-09-29", "2007-10-31", "30/360", 32 / 360),
        ("2007-09-29", "2007-10-31", "30E/360", 31 / 360),
        ("2008-02-29", "2008-03-31", "30/360", 30 / 360),
        ("2007-02-28", "2008-02-29", "30/360 US", 360 / 360),
    ],
)
def test_year_fractions_follow_their_convention(start: str, end: str, name: str, expected: float) -> None:
    assert year_fraction(start, end, name) == pytest.approx(expected, abs=1e-15)
    assert year_fraction(end, start, name) == -year_fraction(start, end, name)


ORACLES = {
    "act/365f": QuantLib.Actual365Fixed(),
    "act/360": QuantLib.Actual360(),
    "act/act isda": QuantLib.ActualActual(QuantLib.ActualActual.ISDA),
    "30/360": QuantLib.Thirty360(QuantLib.Thirty360.USA),
    "30/360 bond": QuantLib.Thirty360(QuantLib.Thirty360.BondBasis),
    "30e/360": QuantLib.Thirty360(QuantLib.Thirty360.European),
}


@given(day, day, st.sampled_from(sorted(ORACLES)))
def test_year_fractions_agree_with_quantlib(one: dt.date, other: dt.date, name: str) -> None:
    start, end = sorted((one, other))
    theirs = ORACLES[name].yearFraction(QuantLib.Date.from_date(start), QuantLib.Date.from_date(end))
    assert year_fraction(start, end, name) == pytest.approx(theirs, abs=1e-12)


def test_an_unknown_day_count_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KernelError, match="act/365f"):
        year_fraction("2020-01-01", "2021-01-01", "act/361")


def test_adding_months_keeps_the_day_or_takes_the_months_last() -> None:
    assert add_months("2024-01-31", 1) == d("2024-02-29")
    assert add_months("2023-01-31", 1) == d("2023-02-28")
    assert add_months("2024-03-31", -1) == d("2024-02-29")
    assert add_months("2023-02-28", 1) == d("2023-03-28")
    assert add_months("2023-02-28", 1, end_of_month=True) == d("2023-03-31")
    assert add_months("2023-02-27", 1, end_of_month=True) == d("2023-03-27")
    assert add_months("2023-11-15", 14) == d("2025-01-15")
    assert dates.add_years("2024-02-29", 1) == d("2025-02-28")
    assert dates.add_years("2024-02-29", -4) == d("2020-02-29")
    assert add_months("9999-11-30", 1) == d("9999-12-30")
    assert add_months("0001-02-01", -1) == d("0001-01-01")
    with pytest.raises(KernelError, match="9999"):
        add_months("9999-12-01", 1)
    with pytest.raises(KernelError, match="9999"):
        add_months("0001-01-01", -1)


@given(day, st.integers(-600, 600))
def test_whole_months_between_undo_adding_them(start: dt.date, months: int) -> None:
    later = add_months(start, months)
    assert dates.month_index(later) - dates.month_index(start) == months
    assert dates.month_of(dates.month_index(later)) == dates.month_start(later)
    if months >= 0:
        assert dates.months_between(start, later) == months
        assert dates.months_between(start, later + dt.timedelta(days=-1)) == months - 1


def test_quarters_and_years_have_their_ends() -> None:
    assert dates.quarter_end("2024-02-29") == d("2024-03-31")
    assert dates.quarter_end("2024-03-31") == d("2024-03-31")
    assert dates.quarter_end("2024-10-01") == d("2024-12-31")
    assert dates.quarter_start("2024-12-31") == d("2024-10-01")
    assert dates.month_end("2023-02-01") == d("2023-02-28")
    assert dates.year_start("2024-07-04") == d("2024-01-01")
    assert dates.year_end("2024-07-04") == d("2024-12-31")
    assert dates.is_month_end("2024-02-29")
    assert not dates.is_month_end("2024-02-28")


@pytest.mark.parametrize(
    ("frequency", "start", "end", "label"),
    [
        ("month", "2024-08-01", "2024-08-31", "2024-08"),
        ("quarter", "2024-07-01", "2024-09-30", "2024-Q3"),
        ("half", "2024-07-01", "2024-12-31", "2024-H2"),
        ("year", "2024-01-01", "2024-12-31", "2024"),
    ],
)
def test_a_day_belongs_to_its_calendar_period(frequency: str, start: str, end: str, label: str) -> None:
    period = dates.period_of("2024-08-15", frequency)
    assert (period.start_on, period.end_on, period.label) == (d(start), d(end), label)
    assert "2024-08-15" in period
    assert d(start) in period
    assert d(end) in period
    assert d(end) + dt.timedelta(days=1) not in period
    assert period.days == (d(end) - d(start)).days + 1
    assert period.next().start_on == d(end) + dt.timedelta(days=1)


def test_periods_cover_a_range_without_gap_or_overlap() -> None:
    quarters = dates.periods("2023-11-20", "2024-07-01")
    assert [quarter.label for quarter in quarters] == ["2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3"]
    assert all(later.start_on - earlier.end_on == dt.timedelta(days=1) for earlier, later in pairwise(quarters))
    assert dates.periods("2024-07-01", "2023-11-20") == []
    with pytest.raises(KernelError, match="quarter"):
        dates.period_of("2024-01-01", "fortnight")


def test_business_days_skip_weekends_and_the_calendars_holidays() -> None:
    new_year = {d("2024-01-01")}
    assert not dates.is_business_day("2024-01-06")
    assert dates.is_business_day("2024-01-01")
    assert not dates.is_business_day("2024-01-01", new_year)
    assert dates.add_business_days("2024-01-05", 10) == d("2024-01-19")
    assert dates.add_business_days("2023-12-29", 1, new_year) == d("2024-01-02")
    assert dates.add_business_days("2024-01-02", -1, new_year) == d("2023-12-29")
    assert dates.add_business_days("2024-01-06", 0) == d("2024-01-08")


def test_a_payment_day_moves_by_its_convention() -> None:
    saturday = "2024-08-31"
    assert dates.adjust(saturday) == d("2024-09-02")
    assert dates.adjust(saturday, "modified_following") == d("2024-08-30")
    assert dates.adjust(saturday, "preceding") == d("2024-08-30")
    assert dates.adjust("2024-06-01", "modified_preceding") == d("2024-06-03")
    assert dates.adjust("2024-08-30") == d("2024-08-30")
    with pytest.raises(KernelError, match="nearest"):
        dates.adjust(saturday, "nearest")


def test_a_calendar_of_holidays_only_is_refused_rather_than_walked_for_ever() -> None:
    class Always(set[dt.date]):
        def __contains__(self, _: object) -> bool:
            return True

    with pytest.raises(KernelError, match="ten years"):
        dates.adjust("2024-01-01", "following", Always())


@given(
    st.dates(dt.date(2020, 1, 1), dt.date(2022, 1, 1)),
    st.integers(0, 300),
    st.sets(st.dates(dt.date(2020, 1, 1), dt.date(2023, 1, 1)), max_size=30),
)
def test_business_days_between_count_what_numpy_counts(start: dt.date, span: int, holidays: set[dt.date]) -> None:
    end = start + dt.timedelta(days=span)
    one = dt.timedelta(days=1)
    theirs = int(np.busday_count(start + one, end + one, holidays=sorted(holidays)))
    assert dates.business_days_between(start, end, holidays) == theirs
    assert dates.business_days_between(end, start, holidays) == -theirs
