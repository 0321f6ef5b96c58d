import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestry.kernel.cashflows import Flow, bucket, flows, net_by_date, since_inception_totals, split, up_to
from vestry.kernel.errors import KernelError

D = Decimal
FUND = [("2020-01-15", -100), ("2020-02-10", -50), ("2020-02-10", 30), ("2020-07-01", 120)]

series = st.lists(
    st.tuples(st.dates(dt.date(2015, 1, 1), dt.date(2024, 12, 31)), st.decimals(-(10**9), 10**9, places=2)), max_size=40
)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_flows_come_from_pairs_a_mapping_or_two_lists_and_are_sorted() -> None:
    wanted = [Flow(day("2020-01-01"), D("-1.5")), Flow(day("2021-01-01"), D(2))]
    assert flows([("2021-01-01", 2), ("2020-01-01", "-1.5")]) == wanted
    assert flows({"2021-01-01": 2, "2020-01-01": -1.5}) == wanted
    assert flows(["2021-01-01", "2020-01-01"], [2, D("-1.5")]) == wanted
    assert flows(wanted) == wanted


def test_flows_of_unequal_lists_or_broken_pairs_are_refused() -> None:
    with pytest.raises(KernelError, match="2 dates but 1 amounts"):
        flows(["2021-01-01", "2020-01-01"], [2])
    with pytest.raises(KernelError, match="pair"):
        flows([("2021-01-01",)])  # type: ignore[list-item]
    with pytest.raises(KernelError, match="finite"):
        flows([("2021-01-01", float("nan"))])


def test_a_days_flows_net_to_one_and_a_day_of_nothing_disappears() -> None:
    assert net_by_date(FUND) == [
        Flow(day("2020-01-15"), D(-100)),
        Flow(day("2020-02-10"), D(-20)),
        Flow(day("2020-07-01"), D(120)),
    ]
    assert net_by_date([("2020-01-01", "0.1"), ("2020-01-01", "0.2"), ("2020-01-01", "-0.3")]) == []


def test_buckets_keep_empty_periods() -> None:
    assert [(period.label, amount) for period, amount in bucket(FUND)] == [
        ("2020-Q1", D(-120)),
        ("2020-Q2", D(0)),
        ("2020-Q3", D(120)),
    ]
    assert [period.label for period, _ in bucket(FUND, "year", start="2019-05-01", end="2021-01-01")] == [
        "2019",
        "2020",
        "2021",
    ]
    assert bucket([]) == []
    with pytest.raises(KernelError, match="2020-07-01 lies outside"):
        bucket(FUND, end="2020-03-31")


def test_totals_since_inception_step_up_on_the_day_of_the_flow() -> None:
    before, on, after = since_inception_totals(FUND, ["2020-02-09", "2020-02-10", "2024-12-31"])
    assert (before.paid_in, before.distributed, before.net) == (D(100), D(0), D(-100))
    assert (on.paid_in, on.distributed, on.net) == (D(150), D(30), D(-120))
    assert (after.paid_in, after.distributed, after.net) == (D(150), D(150), D(0))
    assert since_inception_totals([], ["2020-01-01"])[0].paid_in == 0


def test_flows_up_to_a_date_include_that_day() -> None:
    assert [flow.amount for flow in up_to(FUND, "2020-02-10")] == [D(-100), D(-50), D(30)]


@given(series)
def test_netting_bucketing_and_splitting_keep_the_sum(items: list[tuple[dt.date, Decimal]]) -> None:
    whole = sum((amount for _, amount in items), D(0))
    paid_in, distributed = split(items)
    assert distributed - paid_in == whole
    assert sum((flow.amount for flow in net_by_date(items)), D(0)) == whole
    assert sum((amount for _, amount in bucket(items, "month")), D(0)) == whole
    assert net_by_date(items) == net_by_date(reversed(items))
    if items:
        last = since_inception_totals(items, [max(day for day, _ in items)])[0]
        assert (last.paid_in, last.distributed) == (paid_in, distributed)
