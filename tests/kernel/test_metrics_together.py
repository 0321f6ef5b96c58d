"""Metrics of many companies at once are those of each company alone."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestry.kernel import metrics
from vestry.kernel.errors import KernelError
from vestry.kernel.metrics import STANDARD, MetricDefinition
from vestry.kernel.metrics.definitions import Aggregation
from vestry.kernel.metrics.graph import formulas_in_order
from vestry.kernel.metrics.together import MISSING, Block, aggregate_together, evaluate_together

PERIODS = 14
figure = st.none() | st.sampled_from([Decimal(0), Decimal(1), Decimal(-3)]) | st.decimals(-(10**15), 10**15, places=4)
line = st.lists(figure, min_size=PERIODS, max_size=PERIODS)
number = st.sampled_from(["0", "1", "2.5", "periods_per_year", "months_per_period"])
formula = st.recursive(
    st.sampled_from(["a", "b", "a", "b", "d"]) | number,
    lambda part: st.one_of(
        st.tuples(st.sampled_from(["({} + {})", "({} - {})", "({} * {})", "({} / {})"]), part, part),
        st.tuples(st.sampled_from(["min({}, {})", "max({}, {}, 7)"]), part, part),
        st.tuples(st.sampled_from(["-{}", "+{}", "abs({})", "if_positive({})", "previous({})"]), part),
        st.tuples(st.sampled_from(["year_ago({})", "ltm({})", "mean({}, 3)", "previous(year_ago({}))"]), part),
    ).map(lambda made: made[0].format(*made[1:])),
    max_leaves=6,
)


def block(lines: list[list[Decimal | None]]) -> Block:
    found = np.full((len(lines), len(lines[0])), MISSING, dtype=object)
    for at, values in enumerate(lines):
        found[at] = [MISSING if one is None else one for one in values]
    return found


@given(
    st.lists(st.fixed_dictionaries({"a": line, "b": line}), min_size=1, max_size=3),
    formula,
    st.sampled_from([1, 2, 4, 12]),
)
def test_any_formula_gives_each_company_its_own_digits(
    companies: list[dict[str, list[Decimal | None]]], text: str, per_year: int
) -> None:
    definitions = [
        MetricDefinition("a", "a", "money", "flow"),
        MetricDefinition("b", "b", "money", "stock"),
        MetricDefinition("d", "d", "money", "derived", formula="a / previous(b)"),
        MetricDefinition("e", "e", "money", "derived", formula=text),
    ]
    values = {key: block([one[key] for one in companies]) for key in ("a", "b")}
    formulas = formulas_in_order(definitions, ["d", "e"])
    found = evaluate_together(values, formulas, (len(companies), PERIODS), periods_per_year=per_year)
    for at, one in enumerate(companies):
        alone = metrics.evaluate(one, definitions, periods_per_year=per_year)
        for key in ("d", "e"):
            assert [None if cell.is_nan() else cell for cell in found[key][at]] == [cell.value for cell in alone[key]]


def test_all_that_ships_gives_the_same_together() -> None:
    keys = [one.key for one in STANDARD if one.formula is None]
    reported: list[dict[str, list[Decimal | None]]] = [
        {key: [Decimal((at + 3) * (7 + place) * (period + 1)) for period in range(9)] for at, key in enumerate(keys)}
        for place in range(3)
    ]
    reported[1]["revenue"][4] = Decimal(0)
    derived = [one.key for one in STANDARD if one.formula is not None]
    values = {key: block([one[key] for one in reported]) for key in keys}
    found = evaluate_together(values, formulas_in_order(STANDARD, derived), (3, 9), periods_per_year=4)
    for at, one in enumerate(reported):
        alone = metrics.evaluate(one)
        assert alone["gross_margin"][8].value is not None
        for key in derived:
            assert [None if cell.is_nan() else cell for cell in found[key][at]] == [cell.value for cell in alone[key]]


def test_one_companys_overflow_is_no_others() -> None:
    definitions = [
        MetricDefinition("a", "a", "money", "flow"),
        MetricDefinition("big", "big", "money", "derived", formula="*".join(["a"] * 40)),
        MetricDefinition("bigger", "bigger", "money", "derived", formula="*".join(["big"] * 40)),
        MetricDefinition("biggest", "biggest", "money", "derived", formula="bigger * bigger * bigger"),
        MetricDefinition("one", "one", "money", "derived", formula="1 / biggest"),
    ]
    values = {"a": block([[Decimal("1e300")], [Decimal(2)]])}
    found = evaluate_together(values, formulas_in_order(definitions, ["one"]), (2, 1), periods_per_year=1)
    assert found["biggest"][0, 0].is_nan()
    assert found["one"][0, 0].is_nan()
    alone = metrics.evaluate({"a": 2}, definitions, periods_per_year=1)
    assert found["biggest"][1, 0] == alone["biggest"][0].value is not None


@given(st.lists(line, min_size=2, max_size=4), st.sampled_from(["sum", "last", "mean"]))
def test_longer_periods_are_made_of_shorter_ones_as_each_alone(
    lines: list[list[Decimal | None]], how: Aggregation
) -> None:
    blocks = [block([values]) for values in lines]
    found = aggregate_together(blocks, how)[0]
    for period in range(PERIODS):
        alone = metrics.aggregate([values[period] for values in lines], how).value
        assert (None if found[period].is_nan() else found[period]) == alone


def test_what_does_not_add_up_is_refused() -> None:
    with pytest.raises(KernelError, match="does not add up"):
        aggregate_together([], "recompute")
