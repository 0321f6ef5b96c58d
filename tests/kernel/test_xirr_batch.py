import datetime as dt
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from vestry.kernel import returns
from vestry.kernel.errors import KernelError
from vestry.kernel.returns import _batch

needs_numba = pytest.mark.skipif(find_spec("numba") is None, reason="vestry[fast] is not installed")
WAYS = [pytest.param(False, id="numpy"), pytest.param(True, id="compiled", marks=needs_numba)]

Series = list[tuple[dt.date, float]]


def funds(count: int, flows: int, seed: int) -> tuple[Any, Any]:
    """J-curves: calls in the first half of ten years and distributions from the third on, interleaved."""
    rng = np.random.default_rng(seed)
    half = flows // 2
    days = np.hstack([rng.integers(0, 1825, (count, half)), rng.integers(1000, 3650, (count, flows - half))])
    amounts = np.hstack([-rng.uniform(0.2, 2, (count, half)), rng.uniform(0.1, 3, (count, flows - half))])
    return days + dt.date(2010, 1, 1).toordinal(), np.round(amounts * 1e6, 2)


def awkward() -> list[Series]:
    """One series for each thing that can be unusual."""

    def at(*pairs: tuple[int, float]) -> Series:
        return [(dt.date(2015, 1, 1) + dt.timedelta(days=day), amount) for day, amount in pairs]

    return [
        at((0, -100), (365, 110)),
        at(),
        at((0, 0)),
        at((0, -5)),
        at((0, 5), (10, 6)),
        at((0, -100), (30, 101)),
        at((365, 110), (0, -100)),
        at((0, 0), (100, -100), (100, -50), (465, 40), (900, 200), (2000, 0)),
        at((0, -100), (365, 230), (730, -132)),
        at((0, -100), (365, 220), (730, -121)),
        at((0, -100), (365, 50), (365, -10), (800, 90)),
        at((0, -100), (1, 100.0001)),
        at((0, -134.09), (63, 40.86)),
        at((0, -1), (1, 1.1)),
        at((0, -1), (1, 3), (31, -100), (1100, 150)),
        at((0, -1e5), (14, 2.5e5), (31, -1.8e5), (60, 1e5)),
        at((0, 100), (365, -110)),
        at((0, -100), (20_000, 1e9)),
        at((0, -1), (1, 1e-9)),
        at((0, -100), (365, 110), (365, -100), (730, 110)),
    ]


def agree(series: list[Series], **way: Any) -> None:
    batch = returns.xirr_batch(series, **way)
    assert len(batch) == len(series)
    for i, one in enumerate(series):
        single = returns.xirr(one)
        assert (batch.statuses[i], batch.reasons[i]) == (single.status, single.reason), one
        assert batch.root_count[i] == len(single.roots)
        assert batch.roots.get(i, single.roots if len(single.roots) < 2 else None) == single.roots
        if single.rate is None:
            assert batch.rates[i] is None
        else:
            assert batch.rates[i] == pytest.approx(single.rate, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("compiled", WAYS)
def test_unusual_series_get_what_they_get_alone(compiled: bool) -> None:
    agree(awkward(), compiled=compiled)
    agree(awkward()[::-1], compiled=compiled)


@pytest.mark.parametrize("compiled", WAYS)
def test_a_thousand_funds_agree_with_one_by_one_and_with_pyxirr(compiled: bool) -> None:
    days, amounts = funds(1000, 40, 11)
    batch = returns.xirr_batch(days, amounts, compiled=compiled)
    assert batch.method == ("compiled" if compiled else "numpy")
    for i in range(len(batch)):
        single = returns.xirr(days[i], amounts[i])
        assert batch.rates[i] == pytest.approx(single.rate, abs=1e-10)
        assert batch.root_count[i] == len(single.roots)
        if i % 50 == 0 and len(single.roots) == 1:
            theirs = pyxirr.xirr([dt.date.fromordinal(int(day)) for day in days[i]], amounts[i])
            assert batch.rates[i] == pytest.approx(theirs, abs=1e-8)


@pytest.mark.parametrize("compiled", WAYS)
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_change_nothing(compiled: bool, threads: int) -> None:
    days, amounts = funds(101, 12, 5)
    alone = returns.xirr_batch(days, amounts, compiled=compiled)
    shared = returns.xirr_batch(days, amounts, compiled=compiled, threads=threads)
    assert shared.rates == alone.rates
    assert shared.statuses == alone.statuses


@pytest.mark.parametrize("compiled", WAYS)
def test_ragged_unsorted_flat_arrays_are_the_lists_they_came_from(compiled: bool) -> None:
    rng = np.random.default_rng(3)
    days, amounts = funds(60, 30, 9)
    lengths = rng.integers(0, 30, 60)
    picks = [rng.permutation(30)[:n] for n in lengths]
    lists = [([int(x) for x in days[i][p]], [float(x) for x in amounts[i][p]]) for i, p in enumerate(picks)]
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    flat_days = np.concatenate([days[i][p] for i, p in enumerate(picks)])
    flat_amounts = np.concatenate([amounts[i][p] for i, p in enumerate(picks)])
    one = returns.xirr_batch(flat_days, flat_amounts, offsets, compiled=compiled)
    two = returns.xirr_batch([d for d, _ in lists], [a for _, a in lists], compiled=compiled)
    three = returns.xirr_batch([list(zip(d, a, strict=True)) for d, a in lists], compiled=compiled)
    dates = (flat_days - 719_163).astype("datetime64[D]")
    four = returns.xirr_batch(dates, flat_amounts, offsets.tolist(), compiled=compiled)
    assert one.rates == two.rates == three.rates == four.rates
    for i, (d, a) in enumerate(lists):
        assert one.statuses[i] == returns.xirr(d, a).status


@needs_numba
def test_series_with_zeros_at_their_ends_or_one_out_of_order_are_read_as_they_stand() -> None:
    days, amounts = funds(50, 20, 13)
    order = np.argsort(days, axis=1, kind="stable")
    days, amounts = np.take_along_axis(days, order, 1), np.take_along_axis(amounts, order, 1)
    amounts[7, :3] = amounts[9, -2:] = amounts[11, 5] = amounts[13] = 0.0
    straight = returns.xirr_batch(days, amounts, compiled=True)
    days[4], amounts[4] = days[4, ::-1].copy(), amounts[4, ::-1].copy()
    turned = returns.xirr_batch(days, amounts, compiled=True, threads=2)
    assert straight.rates == pytest.approx(turned.rates, abs=1e-12)
    for batch in (straight, turned):
        assert batch.reasons[13] == "no_flows"
        assert batch.span_days.tolist() == returns.xirr_batch(days, amounts, compiled=False).span_days.tolist()
        assert batch.span_days[7] == days[7, -1] - days[7, 3]


@needs_numba
@pytest.mark.parametrize("span", [20, 400, 4_000, 15_000])
def test_the_compiled_rate_is_the_searched_one_to_the_last_digits(span: int) -> None:
    rng = np.random.default_rng(span)
    days, amounts = rng.integers(0, span, (60, 37)) + 730_000, np.round(rng.normal(0, 1e4, (60, 37)), 2)
    batch = returns.xirr_batch(days, amounts, compiled=True)
    for i, found in enumerate(batch.rates):
        alone = returns.xirr(days[i], amounts[i])
        assert batch.statuses[i] == alone.status
        assert found == (None if alone.rate is None else pytest.approx(alone.rate, rel=1e-11, abs=1e-12))


@needs_numba
def test_sizes_whose_sum_is_beyond_a_double_are_refused_as_alone() -> None:
    days, amounts = np.array([[730_000, 730_365]] * 2), np.array([[-1e308, 1.1e308], [-100.0, 110.0]])
    with pytest.raises(KernelError, match="beyond"):
        returns.xirr_batch(days, amounts, compiled=True)
    with pytest.raises(KernelError, match="beyond"):
        returns.xirr(days[0], amounts[0])


def test_a_series_may_be_pairs_or_two_lists_and_two_flows_are_not_confused() -> None:
    days = [dt.date(2020, 1, 1), dt.date(2021, 1, 1), dt.date(2022, 6, 1)]
    for count in (1, 2, 3):
        dates, amounts = days[:count], [-100.0, 60.0, 55.0][:count]
        pairs = list(zip(dates, amounts, strict=True))
        texts = [day.isoformat() for day in dates]
        forms = [pairs, (dates, amounts), [texts, amounts], (np.array(dates, "datetime64[D]"), np.array(amounts))]
        found = returns.xirr_batch(forms, compiled=False)
        alone = returns.xirr(pairs).rate
        assert found.rates == ([None] * 4 if alone is None else pytest.approx([alone] * 4, abs=1e-12))


@pytest.mark.parametrize("name", ["act/360", "30/360", "act/act isda"])
def test_other_day_counts_agree_with_one_by_one(name: str) -> None:
    days, amounts = funds(10, 8, 21)
    batch = returns.xirr_batch(days, amounts, day_count=name, compiled=False)
    assert batch.rates == pytest.approx([returns.xirr(days[i], amounts[i], day_count=name).rate for i in range(10)])
    assert batch.day_count == name


def test_a_missing_rate_is_masked_and_never_a_number() -> None:
    batch = returns.xirr_batch(awkward(), compiled=False)
    assert batch.rate.mask.tolist() == [rate is None for rate in batch.rates]
    assert np.isnan(batch.rate.data[batch.rate.mask]).all()
    assert np.isfinite(batch.rate.compressed()).all()
    told = batch.explain()
    assert told["series"] == len(awkward())
    assert sum(told["statuses"].values()) == len(awkward())  # type: ignore[attr-defined]


def test_no_series_at_all_is_an_empty_result() -> None:
    assert returns.xirr_batch([]).rates == []
    assert returns.xirr_batch([], [], [0]).statuses == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], [1.0, 2.0], [0, 1]), "offsets"),
        (([1, 2], [1.0, 2.0], [1, 2]), "offsets"),
        (([1, 2], [1.0, 2.0], [0, 2, 1, 2]), "offsets"),
        (([1, 2], [1.0, 2.0], []), "offsets"),
        (([1, 2, 3], [1.0, 2.0], [0, 2]), "3 dates but 2 amounts"),
        (([[1], [2]], [[1.0]]), "2 series of dates but 1"),
        ((np.zeros((2, 3), int), np.zeros((3, 2))), "shape"),
        (([1, 2], [1.0, float("nan")], [0, 2]), "finite"),
    ],
)
def test_series_that_do_not_fit_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises(KernelError, match=message):
        returns.xirr_batch(*arguments)
    with pytest.raises(KernelError, match="threads"):
        returns.xirr_batch([], threads=0)


def test_small_work_does_not_load_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    assert not _batch._compile(1000, None)
    assert _batch._compile(2_000_000, None) == (find_spec("numba") is not None)
    assert not _batch._compile(2_000_000, False)
    monkeypatch.setattr(_batch, "find_spec", lambda _: None)
    with pytest.raises(KernelError, match=r"vestry\[fast\]"):
        _batch._compile(10, True)


def test_the_kernels_returns_load_neither_scipy_nor_the_compiler() -> None:
    script = (
        "import sys; from vestry.kernel import cashflows, dates, money, pme, returns; "
        "returns.xirr_batch([[('2020-01-01', -1), ('2021-01-01', 2)]]); "
        "sys.exit(bool({'scipy', 'numba', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


day = st.dates(dt.date(2000, 1, 1), dt.date(2025, 1, 1))
value = st.floats(-1e6, 1e6).map(lambda x: round(x, 2))


@settings(max_examples=60)
@given(st.lists(st.lists(st.tuples(day, value), max_size=12), max_size=8))
def test_any_series_agree_with_one_by_one(series: list[Series]) -> None:
    agree(series, compiled=False)


@needs_numba
@settings(max_examples=60)
@given(st.lists(st.lists(st.tuples(day, value), max_size=12), max_size=8))
def test_any_series_agree_with_one_by_one_when_compiled(series: list[Series]) -> None:
    agree(series, compiled=True)
