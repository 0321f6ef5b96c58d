"""Leveraged buyouts: a published deal worked by hand, a paper LBO, and what must hold for every structure."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy_financial as npf
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from vestry.kernel import lbo
from vestry.kernel.errors import KernelError

GOLDEN: dict[str, dict[str, Any]] = {
    case["id"]: case for case in yaml.safe_load((Path(__file__).parent / "golden" / "lbo.yaml").read_text())
}
ANCHOR = GOLDEN["LBO-001"]["inputs"]


def anchor_tranches() -> list[lbo.Tranche]:
    s, m = ANCHOR["senior"], ANCHOR["mezz"]
    return [
        lbo.tranche(
            "Senior", s["amount"], s["cash"], fee=s["fee"], amortisation=s["amort_of_original"], sweep=s["sweep"]
        ),
        lbo.tranche("Mezzanine", m["amount"], m["cash"], pik=m["pik"], issue_price=m["issue_price"]),
    ]


def anchor(**changes: Any) -> lbo.Buyout:
    case = lbo.operating_case(
        2,
        ANCHOR["growth"],
        revenue=ANCHOR["revenue0"],
        margin=ANCHOR["margin"],
        depreciation=ANCHOR["da"],
        capex=ANCHOR["capex"],
        nwc=ANCHOR["nwc"],
        tax_rate=ANCHOR["tax"],
        opening_ebitda=ANCHOR["ebitda_ltm"],
    )
    terms: dict[str, Any] = {
        "entry_multiple": ANCHOR["entry_multiple"],
        "exit_multiple": ANCHOR["exit_multiple"],
        "existing_debt": ANCHOR["existing_debt"],
        "existing_cash": ANCHOR["existing_cash"],
        "cash_used": ANCHOR["cash_used"],
        "cash_to_balance_sheet": ANCHOR["min_cash_funded"],
        "rollover": ANCHOR["rollover"],
        "transaction_fee": ANCHOR["transaction_fee"],
        "min_cash": ANCHOR["min_cash"],
        "sweep_base": "excess_cash_flow",
        "interest_tax_shield": False,
        "sponsor_share": ANCHOR["sponsor_share"],
    }
    return lbo.buyout(case, anchor_tranches(), **terms | changes)


def floats(values: Any) -> list[float]:
    return [float(v) for v in values]


def test_the_published_closing_balances() -> None:
    f, expected = anchor().funding, GOLDEN["LBO-001"]["expected"]
    got = {
        "ev": f.enterprise_value,
        "net_debt": f.net_debt,
        "equity_price": f.equity_price,
        "financing_fees": f.financing_fees,
        "transaction_fees": f.transaction_fees,
        "oid": f.issue_discount,
        "uses": f.total,
        "sponsor": f.sponsor_equity,
        "leverage": f.leverage,
        "cash_at_close": f.cash_at_close,
    }
    assert got == expected
    assert sum(f.sources.values()) == sum(f.uses.values()) == f.total


def test_the_published_operating_case_is_projected() -> None:
    case, expected = anchor().case, GOLDEN["ANCHOR-OPERATING"]["expected"]
    for name, values in expected.items():
        assert floats(getattr(case, name)) == pytest.approx(values, abs=1e-12), name


def test_the_published_debt_schedule_is_met_to_the_last_digit() -> None:
    s, expected = anchor().schedule, GOLDEN["LBO-003"]["expected"]
    assert floats(s.column("cash_interest")) == expected["cash_interest"]
    assert floats(s.column("pik")) == expected["pik"]
    assert floats(s.column("sweep")) == expected["sweep"]
    assert floats(s.column("closing", "Senior")) == expected["senior_close"]
    assert floats(s.column("closing", "Mezzanine")) == expected["mezz_close"]
    assert s.closing_cash == 40
    assert s.is_funded


def test_sweeping_all_cash_above_the_minimum_uses_the_spare_ten_at_once() -> None:
    s = anchor(sweep_base="cash_above_minimum").schedule
    assert s.periods[0].sweep == Decimal("32.125")
    assert s.closing_cash == 30


def test_the_published_exit_is_met() -> None:
    case = GOLDEN["ANCHOR-EXIT"]
    closing_on, exit_on = case["inputs"]["closing"]
    sold = anchor(closing_on=closing_on, exit_on=exit_on).exit
    expected = case["expected"]
    assert float(sold.enterprise_value) == expected["enterprise_value"]
    assert float(sold.net_debt) == expected["net_debt"]
    assert float(sold.equity_value) == expected["equity_value"]
    assert float(sold.sponsor_proceeds) == expected["sponsor_proceeds"]
    assert float(sold.other_proceeds) == expected["rollover_proceeds"]
    assert sold.moic == Decimal("750.686") / 408
    assert sold.irr == pytest.approx((750.686 / 408) ** (365 / 731) - 1, abs=1e-14)


def test_the_value_bridge_explains_the_whole_gain() -> None:
    b = anchor().bridge
    assert (b.ebitda_growth, b.multiple, b.deleveraging, b.costs) == (
        Decimal("512.5"),
        Decimal("-151.25"),
        Decimal("81.91"),
        -28,
    )
    assert b.total == Decimal("883.16") - 468
    assert (b.entry_equity, b.exit_equity) == (468, Decimal("883.16"))


def test_the_paper_lbo_pays_down_its_table() -> None:
    case = GOLDEN["LBO-005"]
    i, exact = case["inputs"], case["recomputed"]
    made = lbo.buyout(
        lbo.operating_case(i["years"], i["growth"], ebitda=i["ebitda"]),
        [lbo.tranche("debt", i["debt"], i["rate"], sweep=1)],
        entry_multiple=i["entry"],
        exit_multiple=i["exit"],
    )
    assert floats(made.schedule.column("sweep")) == pytest.approx(exact["paydown"], rel=1e-12)
    assert float(made.schedule.closing_debt) == pytest.approx(exact["debt_exit"], rel=1e-12)
    assert made.exit.moic is not None
    assert float(made.exit.moic) == pytest.approx(exact["moic"], rel=1e-10)
    assert made.exit.irr == pytest.approx(exact["irr"], rel=1e-10)
    assert floats(made.schedule.column("sweep")) == pytest.approx(case["expected"]["paydown"], abs=0.06)


def test_multiples_turn_into_the_rates_of_the_interview_table() -> None:
    case = GOLDEN["LBO-007"]
    years = case["inputs"]["years"]
    found = [lbo.irr_from_moic(m, years) for m in case["inputs"]["moic"]]
    assert found == pytest.approx(case["recomputed"]["irr"], rel=1e-11)
    assert lbo.irr_from_moic(0, 5) is None


def test_average_balance_interest_settles_where_a_root_finder_says() -> None:
    debt = lbo.tranche("debt", 1000, "0.1", sweep=1)
    s = lbo.debt_schedule([debt], [200], interest_on="average", ebit=[300], tax_rate="0.25", min_cash=0)

    def gap(closing: float) -> float:
        interest = (1000 + closing) / 2 * 0.1
        return 1000 - (200 - interest - max(0, (300 - interest) * 0.25)) - closing

    assert float(s.closing_debt) == pytest.approx(brentq(gap, 0, 1000, xtol=1e-13), abs=1e-10)
    assert s.residual <= Decimal("1e-12")
    assert 2 < s.periods[0].iterations < 20
    assert s.closing_cash == 0


def test_profit_is_taxed_after_interest_and_never_below_zero() -> None:
    debt = lbo.tranche("debt", 100, "0.1", pik="0.05")
    s = lbo.debt_schedule([debt], [50, 50], ebit=[45, 10], tax_rate="0.2", other_deductions=[5, 0])
    assert s.periods[0].tax == (45 - 5 - 10 - 5) * Decimal("0.2")
    assert s.periods[1].tax == 0
    kept = lbo.debt_schedule([debt], [50], ebit=[45], tax_rate="0.2", pik_deductible=False)
    assert kept.periods[0].tax == 7


def test_a_tax_loss_is_set_off_against_later_profit_when_carried() -> None:
    debt = lbo.tranche("debt", 100, "0.1")
    carried = lbo.debt_schedule([debt], [50, 50, 50], ebit=[-5, 20, 30], tax_rate="0.2", carry_losses=True)
    assert carried.column("losses") == (15, 5, 0)
    assert carried.column("tax") == (0, 0, 3)
    assert lbo.debt_schedule([debt], [50, 50], ebit=[-5, 20], tax_rate="0.2").column("tax") == (0, 2)


def test_financing_fees_and_discount_are_deducted_over_their_life() -> None:
    plain = anchor(interest_tax_shield=True).schedule
    spread = anchor(interest_tax_shield=True, fee_amortisation_years=4).schedule
    assert plain.periods[0].tax - spread.periods[0].tax == Decimal("4.5") * Decimal("0.25")
    assert plain.periods[0].tax == (Decimal("115.5") - 40) * Decimal("0.25")


def test_a_revolver_is_drawn_for_the_minimum_and_repaid_first() -> None:
    debts = [lbo.tranche("term", 100, "0.1", sweep=1), lbo.revolver("revolver", 30, "0.05")]
    s = lbo.debt_schedule(debts, [-10, 60], opening_cash=10, min_cash=5)
    assert s.periods[0].tranches["revolver"].drawn == 15
    assert (s.periods[0].closing_cash, s.is_funded) == (5, True)
    second = s.periods[1]
    assert second.tranches["revolver"].sweep == 15
    assert second.tranches["term"].sweep == Decimal("60") - 10 - Decimal("0.75") - 15
    dry = lbo.debt_schedule(debts, [-100], opening_cash=10, min_cash=5)
    assert dry.periods[0].shortfall == 75
    assert not dry.is_funded


def test_mandatory_payments_stop_at_what_is_owed_and_rates_may_change_by_period() -> None:
    debt = lbo.tranche("debt", 100, np.array([0.10, 0.20]), amortisation=["0.7", "0.7", "0.7"])
    s = lbo.debt_schedule([debt], np.array([500, 500, 500]))
    assert s.column("mandatory") == (70, 30, 0)
    assert s.column("cash_interest") == (10, 6, 0)


@st.composite
def structures(draw: st.DrawFn) -> tuple[list[lbo.Tranche], list[int]]:
    rate = st.integers(0, 15).map(lambda p: Decimal(p) / 100)
    tranches = [
        lbo.tranche(
            f"T{i}",
            draw(st.integers(0, 1000)),
            draw(rate),
            pik=draw(rate),
            amortisation=draw(rate),
            sweep=draw(st.sampled_from(["0", "0.5", "1"])),
        )
        for i in range(draw(st.integers(1, 3)))
    ]
    tranches.append(lbo.revolver("R", draw(st.integers(0, 200)), draw(rate)))
    return tranches, draw(st.lists(st.integers(-100, 500), min_size=1, max_size=4))


@settings(max_examples=60, deadline=None)
@given(structures(), st.sampled_from(["opening", "average"]), st.integers(0, 50), st.booleans())
def test_cash_and_every_tranche_roll_forward(
    structure: tuple[list[lbo.Tranche], list[int]], interest_on: Any, min_cash: int, excess_only: bool
) -> None:
    tranches, flows = structure
    s = lbo.debt_schedule(
        tranches,
        flows,
        opening_cash=min_cash,
        min_cash=min_cash,
        interest_on=interest_on,
        sweep_base="excess_cash_flow" if excess_only else "cash_above_minimum",
        cash_interest_rate="0.01",
    )
    tiny = Decimal("1e-20")
    cash = Decimal(min_cash)
    for p in s.periods:
        assert p.opening_cash == cash
        expected = cash + p.cash_flow - p.tax - p.cash_interest + p.interest_income + p.drawn - p.mandatory - p.sweep
        assert abs(p.closing_cash - expected) < tiny
        assert p.shortfall > 0 or p.closing_cash >= min_cash - tiny
        assert p.residual <= Decimal("1e-12")
        for t in tranches:
            line = p.tranches[t.name]
            assert abs(line.opening + line.drawn + line.pik - line.mandatory - line.sweep - line.closing) < tiny
            assert line.closing >= 0
            assert t.commitment is None or line.closing <= t.commitment
        cash = p.closing_cash


amounts = st.decimals(-(10**6), 10**6, places=4)


@settings(max_examples=60, deadline=None)
@given(amounts, amounts, amounts, amounts, amounts, amounts, amounts, st.sampled_from(["multiple", "separate"]))
def test_the_bridge_sums_to_the_gain_for_any_deal(
    e0: Decimal, m0: Decimal, d0: Decimal, e1: Decimal, m1: Decimal, d1: Decimal, costs: Decimal, cross: Any
) -> None:
    b = lbo.value_bridge(
        entry_ebitda=e0,
        entry_multiple=m0,
        entry_net_debt=d0,
        exit_ebitda=e1,
        exit_multiple=m1,
        exit_net_debt=d1,
        costs=costs,
        cross_term=cross,
    )
    assert b.total == b.exit_equity - b.entry_equity
    assert b.total == b.ebitda_growth + b.multiple + b.combined + b.deleveraging + b.costs


def test_ebitda_growth_splits_into_revenue_and_margin() -> None:
    b = lbo.value_bridge(
        entry_ebitda=100,
        entry_multiple=10,
        entry_net_debt=0,
        exit_ebitda=150,
        exit_multiple=10,
        exit_net_debt=0,
        entry_revenue=500,
        exit_revenue=600,
    )
    assert (b.ebitda_growth, b.revenue_growth, b.margin) == (500, 200, 300)


def test_interim_distributions_make_the_rate_an_internal_one() -> None:
    sold = lbo.exit_returns(100, 10, 400, 300, years=3, distributions=[20, 30, 10], sponsor_share="0.9")
    assert sold.sponsor_proceeds == 540
    assert sold.moic == 2
    assert sold.irr == pytest.approx(npf.irr([-300, 20, 30, 550]), abs=1e-12)


def test_what_does_not_exist_is_none_with_a_reason() -> None:
    lost = lbo.exit_returns(10, 5, 80, 100, years=5)
    assert (lost.equity_value, lost.debt_unpaid, lost.moic, lost.irr) == (0, 30, 0, None)
    assert "total loss" in (lost.irr_reason or "")
    assert lbo.exit_returns(10, 5, 0, 0, years=5).moic is None
    assert "holding period" in (lbo.exit_returns(10, 5, 0, 10).irr_reason or "")


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10), st.integers(1, 20), st.sampled_from([2, 10, 1000]))
def test_a_deal_scaled_has_the_same_returns(years: int, growth: int, scale: int) -> None:
    def made(size: int) -> lbo.Buyout:
        return lbo.buyout(
            lbo.operating_case(years, Decimal(growth) / 100, ebitda=50 * size, tax_rate="0.25"),
            [lbo.tranche("debt", 250 * size, "0.08", sweep=1)],
            entry_multiple=10,
            exit_multiple=10,
            transaction_fee="0.02",
        )

    small, large = made(1), made(scale)
    assert small.exit.irr is not None
    assert large.exit.irr == pytest.approx(small.exit.irr, rel=1e-12)
    assert float(large.bridge.total) == pytest.approx(float(small.bridge.total) * scale, rel=1e-12)
    gain = small.exit.equity_value - small.funding.sponsor_equity
    assert float(small.bridge.total) == pytest.approx(float(gain), rel=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: lbo.sources_and_uses([]), "once"),
        (lambda: lbo.sources_and_uses([], enterprise_value=1, cash_used=1), "exceeds the existing cash"),
        (lambda: lbo.sources_and_uses([lbo.tranche("a", 5)], enterprise_value=1), "exceed the uses"),
        (lambda: lbo.sources_and_uses([lbo.tranche("a", 1)] * 2, enterprise_value=9), "differ"),
        (lambda: lbo.tranche("a", -1), "negative"),
        (lambda: lbo.tranche("a", 1, sweep=2), "fraction"),
        (lambda: lbo.tranche("a", 1, []), "at least one"),
        (lambda: lbo.revolver("r", 1, drawn=2), "exceeds"),
        (lambda: lbo.debt_schedule([], []), "one value"),
        (lambda: lbo.debt_schedule([lbo.tranche("a", 1)] * 2, [1]), "differ"),
        (lambda: lbo.debt_schedule([], [1], interest_on="closing"), "unknown"),  # type: ignore[arg-type]
        (lambda: lbo.debt_schedule([lbo.tranche("a", 1, pik=3)], [1], interest_on="average"), "settle"),
        (lambda: lbo.operating_case(0, 0, ebitda=1), "at least one year"),
        (lambda: lbo.operating_case(1, 0, revenue=1), "margin"),
        (lambda: lbo.operating_case(2, [0], ebitda=1), "values for 2"),
        (lambda: lbo.exit_returns(1, 1, 0, 1, years=0), "follow"),
        (lambda: lbo.exit_returns(1, 1, 0, 1, years=2, distributions=[1]), "one distribution"),
        (lambda: lbo.exit_returns(1, 1, 0, -1, years=2), "negative"),
        (lambda: lbo.irr_from_moic(1, 0), "above zero"),
    ],
)
def test_contradictory_input_is_refused_with_a_reason(call: Any, words: str) -> None:
    with pytest.raises(KernelError, match=words):
        call()
