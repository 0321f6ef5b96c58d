import json
from decimal import Decimal
from typing import Any

import pytest
import pyxirr
from hypothesis import given
from hypothesis import strategies as st
from tests.kernel.golden_cases import case
from tests.real_data import real_data

from vestry.kernel import returns
from vestry.kernel.errors import KernelError

D = Decimal


def figures(identifier: str) -> tuple[dict[str, Any], dict[str, Any], float]:
    found = case("multiples", identifier)
    return found["inputs"], found["expected"], found["tolerance"].get("abs", 0)


def test_multiples_are_the_published_ones() -> None:
    inputs, expected, tolerance = figures("MUL-001")
    a = returns.multiples(30, 45, inputs["nav_a"])
    assert (a.dpi, a.tvpi) == (D(str(expected["dpi_a"])), expected["tvpi_a"])
    b = returns.multiples(25, 15, inputs["nav_b"])
    assert b.tvpi == D(str(expected["tvpi_b"]))
    c = returns.multiples(sum(inputs["c_contributions"]), 0, inputs["nav_c"])
    assert c.rvpi == D(str(expected["rvpi_c"]))
    inputs, expected, tolerance = figures("MUL-002")
    found = returns.multiples(sum(inputs["calls"]), sum(inputs["distributions"]), inputs["nav_as_of"])
    for name in ("dpi", "rvpi", "tvpi"):
        assert float(getattr(found, name)) == pytest.approx(expected[name], abs=tolerance)
    inputs, expected, _ = figures("MUL-004")
    found = returns.multiples(inputs["paid_in"], sum(inputs["distributions"]), inputs["nav"])
    assert (found.dpi, found.rvpi, found.tvpi) == (D("0.5"), D("0.8"), D("1.3"))
    inputs, expected, _ = figures("MUL-006")
    assert returns.multiples(inputs["paid_in"], 0, sum(inputs["nav_selected"])).tvpi == expected["tvpi"]


def test_nothing_paid_in_has_no_multiple_and_says_why() -> None:
    found = returns.multiples(0, 500_000, 2_000_000)
    assert (found.tvpi, found.dpi, found.rvpi, found.pic) == (None, None, None, None)
    assert found.reasons == {
        "tvpi": "nothing_paid_in",
        "dpi": "nothing_paid_in",
        "rvpi": "nothing_paid_in",
        "pic": "commitment_unknown",
    }


def test_paid_in_over_commitment_is_pic() -> None:
    found = returns.multiples("60", "15", "80", "100")
    assert found.pic == D("0.6")
    assert found.reasons == {}
    assert found.commitment == 100
    assert returns.multiples("0.6", "0.3").tvpi == D("0.5")
    assert returns.multiples("0.6", "0.3").reasons == {"pic": "commitment_unknown"}
    assert returns.multiples(60, 15, 80, 0).reasons == {"pic": "commitment_unknown"}


def test_recallable_distributions_stay_gross_unless_asked_to_net() -> None:
    # Five million called, one returned recallable, two distributed, six left.
    gross = returns.multiples(5_000_000, 3_000_000, 6_000_000, recallable=1_000_000)
    assert (gross.dpi, gross.tvpi) == (D("0.6"), D("1.8"))
    netted = returns.multiples(5_000_000, 3_000_000, 6_000_000, recallable=1_000_000, recallable_treatment="netted")
    assert (netted.paid_in, netted.distributed) == (4_000_000, 2_000_000)
    assert (netted.dpi, netted.rvpi, netted.tvpi) == (D("0.5"), D("1.5"), D(2))
    assert "netted" in netted.convention
    assert "gross" in gross.convention


def test_returned_excess_lowers_the_denominator_and_is_no_distribution() -> None:
    found = returns.multiples(100, 30, 90, 200, excess_returned=20)
    assert (found.dpi, found.rvpi, found.tvpi, found.pic) == (D("0.375"), D("1.125"), D("1.5"), D("0.4"))


def test_a_facility_balance_is_residual_value_in_the_view_without_the_line() -> None:
    found = returns.multiples(100, 20, 110, facility_balance=10)
    assert (found.rvpi, found.tvpi) == (D("1.2"), D("1.4"))
    assert found.nav == 120


def test_the_sample_fund_report_with_its_adjustments() -> None:
    calls, adjustments = D("11.5"), D("-0.45")
    found = returns.multiples(calls + adjustments, D("4.3"))
    assert found.paid_in == D("11.05")
    assert found.dpi is not None
    assert round(found.dpi, 4) == D("0.3891")


@pytest.mark.parametrize(
    "bad",
    [
        {"paid_in": -1, "distributed": 0},
        {"paid_in": 1, "distributed": 0, "recallable": -1},
        {"paid_in": 1, "distributed": 0, "excess_returned": -1},
        {"paid_in": 1, "distributed": 0, "facility_balance": -1},
        {"paid_in": 1, "distributed": 0, "commitment": -1},
        {"paid_in": 1, "distributed": 0, "recallable_treatment": "both"},
        {"paid_in": float("nan"), "distributed": 0},
    ],
)
def test_amounts_that_cannot_be_magnitudes_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(KernelError, match=r"cannot be negative|must be 'gross' or 'netted'|must be a finite number"):
        returns.multiples(**bad)


def test_moic_is_gross_of_costs_and_net_of_them() -> None:
    found = returns.moic(100, 50, 200, fees=10, expenses=15, carry=25)
    assert (found.gross, found.net) == (D("2.5"), D("1.8"))
    assert returns.moic(100_000, 0, 200_000).gross == D(2)
    nothing = returns.moic(0, 0, 100)
    assert (nothing.gross, nothing.net) == (None, None)
    assert nothing.reasons == {"gross": "nothing_invested", "net": "nothing_invested"}
    assert found.explain() == {
        "formula": {
            "gross": "(realised + unrealised) ÷ invested",
            "net": "(realised + unrealised − carry) ÷ (invested + fees + expenses)",
        },
        "inputs": {
            "invested": "100",
            "realised": "50",
            "unrealised": "200",
            "fees_and_expenses": "25",
            "carry": "25",
        },
        "reasons": {},
    }


def test_moic_of_what_is_back_alone_and_of_costs_alone() -> None:
    plain = returns.moic(100, 150)
    assert (plain.gross, plain.net, plain.reasons) == (D("1.5"), D("1.5"), {})
    assert returns.moic(100, 150, fees=100).reasons == {}
    costs_alone = returns.moic(0, 50, fees=100)
    assert (costs_alone.gross, costs_alone.net) == (None, D("0.5"))
    assert costs_alone.reasons == {"gross": "nothing_invested"}


@pytest.mark.parametrize("name", ["invested", "realised", "unrealised", "fees", "expenses", "carry"])
def test_a_part_of_moic_that_is_no_number_is_refused_by_its_name(name: str) -> None:
    parts = {"invested": 1, "realised": 1, name: "x"}
    with pytest.raises(KernelError, match=f"^{name} must be a number, not 'x'$"):
        returns.moic(**parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [{"invested": -1}, {"fees": -1}, {"expenses": -1}])
def test_negative_costs_of_moic_are_refused(bad: dict[str, int]) -> None:
    with pytest.raises(KernelError, match=r"^invested, fees and expenses are magnitudes and cannot be negative$"):
        returns.moic(**{"invested": 1, "realised": 1, **bad})


@pytest.mark.parametrize(
    "name", ["paid_in", "distributed", "nav", "commitment", "recallable", "excess_returned", "facility_balance"]
)
def test_a_part_of_a_multiple_that_is_no_number_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(KernelError, match=f"^{name} must be a number, not 'x'$"):
        returns.multiples(**{"paid_in": 1, "distributed": 1, name: "x"})  # type: ignore[arg-type]


def test_the_explanation_shows_inputs_and_what_the_convention_made_of_them() -> None:
    assert returns.multiples(100, 30, 90, excess_returned=20).explain() == {
        "formula": {
            "dpi": "distributed ÷ paid_in",
            "rvpi": "nav ÷ paid_in",
            "tvpi": "(distributed + nav) ÷ paid_in",
            "pic": "paid_in ÷ commitment",
        },
        "convention": "recallable distributions gross; returned excess lowers paid-in",
        "inputs": {
            "paid_in": "100",
            "distributed": "30",
            "nav": "90",
            "recallable": "0",
            "excess_returned": "20",
            "facility_balance": "0",
        },
        "paid_in": "80",
        "distributed": "30",
        "nav": "90",
        "reasons": {"pic": "commitment_unknown"},
    }


def test_moic_of_real_cases() -> None:
    for one in json.loads(real_data("vc_fund_truth_cases/moic.truth-cases.json").read_text("utf-8")):
        given_, expected = one["input"], one["expected"]
        if "currentMOIC" in expected:
            invested = D(given_["initialInvestment"]) + D(given_["followOnInvestment"])
            found = returns.moic(invested, 0, given_["currentValuation"]).gross
            assert found == (None if expected["currentMOIC"] is None else D(str(expected["currentMOIC"])))
        if "blendedMOIC" in expected:
            invested = sum(D(row["initialInvestment"]) + D(row["followOnInvestment"]) for row in given_["portfolio"])
            held = sum(D(row["currentValuation"]) for row in given_["portfolio"])
            assert returns.moic(invested, 0, held).gross == D(str(expected["blendedMOIC"]))


def test_lp_metrics_of_real_cases() -> None:
    for one in json.loads(real_data("vc_fund_truth_cases/lp-metrics.truth-cases.json").read_text("utf-8")):
        events = [event for event in one["input"]["cashFlowEvents"] if event["status"] == "approved"]
        of = {kind: sum((D(e["amount"]) for e in events if e["eventType"] == kind), D(0)) for kind in KINDS}
        expected = one["expected"]
        found = returns.multiples(
            of["lp_capital_call"],
            of["lp_distribution"] + of["realized_proceeds"] + of["recallable_distribution"],
            expected["currentNav"],
            recallable=of["recallable_distribution"],
            recallable_treatment="netted",
        )
        assert found.paid_in == D(expected["contributionsTotal"])
        for name in ("dpi", "rvpi", "tvpi"):
            value = getattr(found, name)
            assert (None if value is None else f"{value:.6f}") == expected[name], (one["id"], name)


KINDS = ("lp_capital_call", "lp_distribution", "realized_proceeds", "recallable_distribution")

money = st.decimals(0, 10**12, places=2)


@given(money.filter(lambda x: x > 0), money, money)
def test_tvpi_is_dpi_plus_rvpi_and_agrees_with_pyxirr(paid: Decimal, back: Decimal, nav: Decimal) -> None:
    found = returns.multiples(paid, back, nav)
    assert found.tvpi is not None
    assert found.dpi is not None
    assert found.rvpi is not None
    assert abs(found.tvpi - found.dpi - found.rvpi) <= D("1e-26") * max(found.tvpi, D(1))
    assert float(found.tvpi) == pytest.approx(pyxirr.pe.tvpi([-float(paid), float(back)], float(nav)), rel=1e-12)


@given(money.filter(lambda x: x > 0), money, money, st.integers(1, 10**6))
def test_multiples_do_not_depend_on_the_unit(paid: Decimal, back: Decimal, nav: Decimal, factor: int) -> None:
    one, other = returns.multiples(paid, back, nav), returns.multiples(paid * factor, back * factor, nav * factor)
    assert (one.tvpi, one.dpi, one.rvpi) == (other.tvpi, other.dpi, other.rvpi)
