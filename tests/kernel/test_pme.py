import datetime as dt
import json
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import pyxirr
from hypothesis import given
from hypothesis import strategies as st
from tests.kernel.golden_cases import case
from tests.real_data import real_data

from vestry.kernel import pme, returns
from vestry.kernel.errors import KernelError


def figures(identifier: str) -> tuple[dict[str, Any], dict[str, Any], Any]:
    found = case("pme", identifier)
    return found["inputs"], {**found["expected"], **found.get("recomputed", {})}, found["tolerance"]


def test_long_nickels_of_the_encyclopedia_example() -> None:
    inputs, expected, _ = figures("PME-001")
    found = pme.ln_pme(inputs["flows"], inputs["index"])
    assert found.figures["nav_pme"] == pytest.approx(expected["nav_pme"], abs=1e-9)
    assert pme.ln_pme_nav(inputs["flows"], inputs["index"]) == pytest.approx(expected["nav_pme"], abs=1e-9)
    assert found.value == pytest.approx(expected["ln_pme_irr"], abs=1e-9)
    assert found.status == "ok"


def test_pme_plus_scales_distributions_to_meet_the_nav() -> None:
    inputs, expected, _ = figures("PME-003")
    found = pme.pme_plus(inputs["flows"], inputs["index"], inputs["nav"])
    assert found.figures["scaling"] == pytest.approx(expected["lambda"], abs=1e-9)
    assert found.value == pytest.approx(expected["pme_plus"], abs=1e-9)
    # The published figures belong to the index 100 in the fourth period.
    published = pme.pme_plus(inputs["flows"], [100, 105, 115, 100, 120], inputs["nav"])
    assert published.figures["scaling"] == pytest.approx(0.86, abs=0.005)
    assert published.value == pytest.approx(0.0205, abs=0.00005)


def test_modified_pme_pays_out_the_funds_share() -> None:
    inputs, expected, _ = figures("PME-005")
    found = pme.m_pme(inputs["flows"], inputs["index"], inputs["nav"])
    assert found.value == pytest.approx(expected["mpme"], abs=1e-9)
    inputs, expected, _ = figures("PME-012")
    flows = [*inputs["flows"], 0]
    navs = pme.navs_from_prices(flows, inputs["asset_prices"])
    found = pme.m_pme(flows, inputs["index"], navs)
    assert found.value == pytest.approx(expected["pme"], abs=1e-12)
    assert found.figures["fund_irr"] == pytest.approx(expected["asset_irr"], abs=1e-9)
    inputs, expected, _ = figures("PME-006")
    flows = [*inputs["flows"], 0]
    navs = pme.navs_from_prices(flows, inputs["prices"])
    assert navs[-1] == pytest.approx(expected["final_nav"], abs=1e-8)
    assert pme.m_pme(flows, inputs["prices"], navs).figures["fund_irr"] == pytest.approx(
        expected["asset_irr"], abs=1e-9
    )


@pytest.mark.parametrize(("identifier", "years"), [("PME-014", 1), ("PME-015", 2)])
def test_an_asset_and_an_index_over_whole_years(identifier: str, years: int) -> None:
    inputs, expected, tolerance = figures(identifier)
    dates = [inputs["start"], inputs["end"]]
    found = pme.m_pme([-1, 0], inputs["index"], inputs["asset"], dates=dates)
    assert found.value == pytest.approx(expected["xpme"], abs=tolerance["abs"])
    assert found.figures["fund_irr"] == pytest.approx(expected["asset_xirr"], abs=tolerance["abs"])
    long = pme.ln_pme([-1, 0], inputs["index"], inputs["asset"][-1], dates=dates)
    assert long.value == pytest.approx(expected["xpme"], abs=tolerance["abs"])


def test_the_business_school_example_in_every_measure() -> None:
    inputs, expected, _ = figures("PME-007")
    flows, index, nav = inputs["flows"], inputs["index"], inputs["nav"]
    assert pme.ks_pme(flows, index, nav).value == pytest.approx(expected["ks_pme"], abs=1e-9)
    assert pme.ln_pme_nav(flows, index) == pytest.approx(expected["ln_nav"], abs=1e-8)
    assert pme.ln_pme(flows, index).value == pytest.approx(expected["ln_pme"], abs=1e-9)
    plus = pme.pme_plus(flows, index, nav)
    assert plus.figures["scaling"] == pytest.approx(expected["lambda"], abs=1e-9)
    assert plus.value == pytest.approx(expected["pme_plus"], abs=1e-9)
    assert pme.direct_alpha(flows, index, nav).value == pytest.approx(expected["direct_alpha"], abs=1e-9)


def test_direct_alpha_as_published_discrete_and_log() -> None:
    inputs, expected, _ = figures("PME-009")
    found = pme.direct_alpha(inputs["flows"], inputs["index"], inputs["nav"])
    assert found.value == pytest.approx(expected["direct_alpha"], abs=1e-9)
    inputs, expected, _ = figures("PME-011")
    arguments = inputs["flows"], inputs["index"], inputs["nav"]
    assert pme.direct_alpha(*arguments).value == pytest.approx(expected["direct_alpha"], abs=1e-9)
    log = pme.direct_alpha(*arguments, form="log")
    assert log.value == pytest.approx(expected["log_alpha"], abs=1e-9)
    assert log.figures["discrete"] == pytest.approx(expected["direct_alpha"], abs=1e-9)
    assert pme.ks_pme(*arguments).value == pytest.approx(expected["ks_pme"], abs=1e-9)
    with pytest.raises(KernelError, match="discrete"):
        pme.direct_alpha(*arguments, form="continuous")


def test_a_short_index_position_has_no_long_nickels_rate_but_a_kaplan_schoar_ratio() -> None:
    inputs, expected, _ = figures("PME-017")
    found = pme.ln_pme(inputs["flows"], inputs["index"], inputs["nav"])
    assert (found.value, found.status, found.reason) == (None, "none", "index_position_short")
    assert found.figures["nav_pme"] == pytest.approx(expected["ln_nav"], abs=1e-9)
    assert not found
    with pytest.raises(KernelError, match="more out of the index"):
        float(found)
    ratio = pme.ks_pme(inputs["flows"], inputs["index"], inputs["nav"])
    assert ratio.value == pytest.approx(expected["ks_pme"], abs=1e-9)
    assert float(ratio) == ratio.rate == ratio.value


def test_a_position_short_for_a_while_is_warned_of() -> None:
    found = pme.ln_pme([-100, 150, -100, 0], [100, 110, 120, 130])
    assert found.warnings == ("short_in_between",)
    assert found.value is not None
    assert pme.ln_pme([-100, 20, 0], [100, 110, 120]).warnings == ()


def test_a_position_emptied_exactly_is_not_short() -> None:
    found = pme.ln_pme([-100, 110, 0], [100, 110, 120])
    assert found.value == pytest.approx(0.1, abs=1e-12)
    assert found.figures["nav_pme"] == pytest.approx(0, abs=1e-10)


def test_what_is_undefined_is_none_with_its_reason() -> None:
    assert pme.ks_pme([10, 20], [1, 1], 5).reason == "no_contribution"
    assert pme.ln_pme([10, 20], [1, 1]).reason == "no_contribution"
    assert pme.m_pme([10, 20], [1, 1], [5, 5]).reason == "no_contribution"
    assert pme.pme_plus([10, 20], [1, 1], 5).reason == "no_contribution"
    assert pme.pme_plus([-10, 0], [1, 1], 5).reason == "no_distribution"
    negative = pme.pme_plus([-10, 5, 0], [1, 1, 1], 50)
    assert (negative.value, negative.reason) == (None, "scaling_negative")
    assert pme.direct_alpha([-10, -5], [1, 1], 0).reason == "no_positive_flow"
    assert pme.direct_alpha([-10, -5], [1, 1], 0, form="log").value is None
    assert "paid in" in pme.ks_pme([10], [1]).reason_text


DATES = ["2020-01-01", "2021-07-01", "2023-01-01", "2024-01-01"]
FLOWS = [-100, -50, 120, 0]
LEVELS = [100, 120, 110, 150]


def test_levels_may_come_as_a_list_a_function_or_a_mapping_by_date() -> None:
    plain = pme.ks_pme(FLOWS, LEVELS, 60, dates=DATES)
    table = dict(zip(DATES, LEVELS, strict=True))
    assert pme.ks_pme(FLOWS, table, 60, dates=DATES).value == plain.value
    assert pme.ks_pme(FLOWS, lambda day: table[day.isoformat()], 60, dates=DATES).value == plain.value
    early = {"2019-12-30": 100, "2021-06-30": 120, "2022-12-30": 110, "2023-12-29": 150, "2024-01-02": 999}
    assert pme.ks_pme(FLOWS, early, 60, dates=DATES).value == plain.value
    assert pme.ks_pme(map(Decimal, FLOWS), np.array(LEVELS), Decimal(60), dates=DATES).value == plain.value
    order = [2, 0, 3, 1]
    shuffled = pme.ks_pme([FLOWS[i] for i in order], [LEVELS[i] for i in order], 60, dates=[DATES[i] for i in order])
    assert shuffled.value == pytest.approx(plain.value)


@pytest.mark.parametrize("measure", [pme.ks_pme, pme.ln_pme, pme.pme_plus, pme.direct_alpha])
def test_a_later_nav_date_is_a_flow_of_zero_on_that_day(measure: Any) -> None:
    plain = measure(FLOWS, LEVELS, 60, dates=DATES)
    table = dict(zip(DATES, LEVELS, strict=True))
    later = measure(FLOWS[:3], table, 60, dates=DATES[:3], nav_on=DATES[3])
    listed = measure(FLOWS[:3], LEVELS, 60, dates=DATES[:3], nav_on=DATES[3])
    assert later.value == listed.value == plain.value
    same_day = measure(FLOWS, LEVELS, 60, dates=DATES, nav_on=DATES[3])
    assert same_day.value == plain.value


def test_dated_measures_annualise_by_act_365() -> None:
    found = pme.ln_pme(FLOWS, LEVELS, 60, dates=DATES)
    left = 100 * 1.5 + 50 * 150 / 120 - 120 * 150 / 110
    assert found.value == returns.xirr(DATES, [-100, -50, 120, left]).rate
    own = returns.xirr(DATES, [-100, -50, 120, 60]).rate
    assert found.figures["fund_irr"] == own
    assert found.value is not None
    assert own is not None
    assert found.figures["spread"] == own - found.value
    alpha = pme.direct_alpha(FLOWS, LEVELS, 60, dates=DATES)
    assert alpha.value == pytest.approx(
        returns.xirr(DATES, [-150, -50 * 150 / 120, 120 * 150 / 110, 60]).rate, abs=1e-12
    )


def test_modified_pme_sorts_values_with_their_dates() -> None:
    navs = [100, 170, 60, 80]
    plain = pme.m_pme(FLOWS, LEVELS, navs, dates=DATES)
    order = [3, 1, 0, 2]
    other = pme.m_pme(
        [FLOWS[i] for i in order],
        [LEVELS[i] for i in order],
        [navs[i] for i in order],
        dates=[DATES[i] for i in order],
    )
    assert other.value == plain.value


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pme.ks_pme([], [], 0), "at least one flow"),
        (lambda: pme.ks_pme([-1, 2], [1], 0), "2 flows but 1 index levels"),
        (lambda: pme.ks_pme([-1, 2], [1, 0], 0), "positive"),
        (lambda: pme.ks_pme([-1, 2], [1, float("nan")], 0), "finite"),
        (lambda: pme.ks_pme([-1, "x"], [1, 1], 0), "number"),
        (lambda: pme.ks_pme([-1, 2], [1, 1], float("inf")), "finite"),
        (lambda: pme.ks_pme([-1, 2], {"2020-01-01": 1}, 0), "dates"),
        (lambda: pme.ks_pme([-1, 2], [1, 1], 0, nav_on="2020-01-01"), "dates"),
        (lambda: pme.ks_pme([-1, 2], [1, 1], 0, dates=["2020-01-01"]), "1 dates"),
        (lambda: pme.ks_pme([-1], {"2020-02-01": 1}, 0, dates=["2020-01-01"]), "on or before 2020-01-01"),
        (lambda: pme.ks_pme([-1], [1], 0, dates=["2020-01-01"], nav_on="2019-01-01"), "before the last flow"),
        (lambda: pme.m_pme([-1, 2], [1, 1], [1]), "NAV after each flow"),
        (lambda: pme.m_pme([-1, 2], [1, 1], [1, -1]), "negative"),
        (lambda: pme.navs_from_prices([-1], [1, 2]), "prices"),
        (lambda: pme.navs_from_prices([-1], [0]), "positive"),
    ],
)
def test_input_that_does_not_fit_is_refused(call: Any, message: str) -> None:
    with pytest.raises(KernelError, match=message):
        call()


def test_the_explanation_shows_levels_and_what_the_flows_became() -> None:
    told = pme.ks_pme([-25, 15, 0], [100, 115, 130], 20).explain()
    assert told["figures"]["contributions_grown"] == pytest.approx(32.5)  # type: ignore[index]
    steps: Any = told["steps"]
    assert steps[0] == {"at": 0, "amount": -25.0, "index": 100.0, "grown": pytest.approx(-32.5)}
    dated: Any = pme.ln_pme(FLOWS, LEVELS, dates=DATES).explain()["steps"]
    assert [step["at"] for step in dated] == DATES


def test_the_collected_private_equity_figures() -> None:
    known = json.loads(real_data("irr_vectors/pe_metrics_expected.json").read_text("utf-8"))
    for one in known["ks_pme"]:
        found = pme.ks_pme(one["amounts"], one["index"], one["nav"])
        assert found.value == pytest.approx(one["expected"], abs=one["tol"])
    for one in known["ln_pme_nav"]:
        assert pme.ln_pme_nav(one["amounts"], one["index"]) == pytest.approx(one["expected"], abs=one["tol"])
    for one in known["ln_pme"]:
        assert pme.ln_pme(one["amounts"], one["index"]).value == pytest.approx(one["expected"], abs=one["tol"])
    for one in known["direct_alpha"]:
        found = pme.direct_alpha(one["amounts"], one["index"], one["nav"])
        assert found.value == pytest.approx(one["expected"], abs=one["tol"])


level = st.floats(50, 200)
row = st.tuples(st.floats(-100, 0), st.floats(0, 100), level)


@st.composite
def fund(draw: st.DrawFn) -> tuple[list[float], list[float], float]:
    """Calls first, then distributions, then a flow of zero; a level each and a NAV."""
    calls = [-x for x in draw(st.lists(st.floats(1, 100), min_size=1, max_size=4))]
    back = draw(st.lists(st.floats(1, 100), min_size=1, max_size=6))
    flows = [*calls, *back, 0.0]
    levels = draw(st.lists(level, min_size=len(flows), max_size=len(flows)))
    return flows, levels, draw(st.floats(0, 200))


@given(fund())
def test_measures_agree_with_pyxirr_where_the_last_flow_is_zero(one: tuple[list[float], list[float], float]) -> None:
    flows, levels, nav = one
    assert pme.ks_pme(flows, levels, nav).value == pytest.approx(pyxirr.pe.ks_pme(flows, levels, nav), rel=1e-9)
    left = pyxirr.pe.ln_pme_nav(flows, levels)
    assert pme.ln_pme_nav(flows, levels) == pytest.approx(left, rel=1e-9, abs=1e-6)
    found = pme.ln_pme(flows, levels)
    assert (found.value is None) == (left < 0) or abs(left) < 1e-6
    if found.value is not None and found.status == "ok" and left > 1e-6:
        assert found.value == pytest.approx(pyxirr.pe.ln_pme(flows, levels), rel=1e-6, abs=1e-8)
    plus = pme.pme_plus(flows, levels, nav)
    if plus.value is not None and plus.status == "ok" and -0.9 < plus.value < 10:
        assert plus.value == pytest.approx(pyxirr.pe.pme_plus(flows, levels, nav), rel=1e-6, abs=1e-8)
    alpha = pme.direct_alpha(flows, levels, nav)
    if alpha.value is not None and alpha.status == "ok" and -0.9 < alpha.value < 10:
        assert alpha.value == pytest.approx(pyxirr.pe.direct_alpha(flows, levels, nav), rel=1e-6, abs=1e-8)


@given(fund(), st.floats(0.01, 100), st.floats(0.01, 100))
def test_neither_the_currency_nor_the_base_of_the_index_matters(one: Any, money: float, base: float) -> None:
    flows, levels, nav = one
    plain = pme.ks_pme(flows, levels, nav)
    other = pme.ks_pme([money * x for x in flows], [base * x for x in levels], money * nav)
    assert other.value == pytest.approx(plain.value, rel=1e-9)
    alpha = pme.direct_alpha(flows, levels, nav)
    again = pme.direct_alpha([money * x for x in flows], [base * x for x in levels], money * nav)
    if alpha.value is not None:
        assert again.value == pytest.approx(alpha.value, rel=1e-7, abs=1e-9)


@given(fund(), st.floats(-0.3, 0.5))
def test_in_a_steady_index_direct_alpha_compounds_with_it_to_the_funds_own_rate(one: Any, growth: float) -> None:
    flows, _, nav = one
    levels = [100 * (1 + growth) ** t for t in range(len(flows))]
    alpha = pme.direct_alpha(flows, levels, nav)
    own = returns.irr([*flows[:-1], flows[-1] + nav])
    if alpha.status == own.status == "ok" and alpha.value is not None and own.rate is not None:
        assert (1 + alpha.value) * (1 + growth) == pytest.approx(1 + own.rate, rel=1e-8)
    ratio = pme.ks_pme(flows, levels, nav).value
    if alpha.status == "ok" and alpha.value is not None and ratio is not None and abs(ratio - 1) > 1e-6:
        assert (ratio > 1) == (alpha.value > 0)


@given(st.lists(st.tuples(st.integers(0, 3000), st.floats(-100, 100), level), min_size=1, max_size=12))
def test_nothing_infinite_leaves(rows: list[tuple[int, float, float]]) -> None:
    start = dt.date(2010, 1, 1)
    dates = [start + dt.timedelta(days=day) for day, _, _ in rows]
    flows, levels = [flow for _, flow, _ in rows], [x for _, _, x in rows]
    for measure in (pme.ks_pme, pme.ln_pme, pme.pme_plus, pme.direct_alpha):
        found = measure(flows, levels, 10, dates=dates)
        assert found.value is None or math.isfinite(found.value)
        assert (found.value is None) == bool(found.reason)
