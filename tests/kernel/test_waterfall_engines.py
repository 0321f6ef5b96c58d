"""The two engines against each other, and a third method for what neither shares."""

import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from vestry.kernel import waterfall
from vestry.kernel.errors import KernelError
from vestry.kernel.waterfall import Cash, CatchUp, Claim, IrrHurdle, MultipleHurdle, ReturnOfCapital, Split, Waterfall

CASES = 10_000
SEED = 20240630
HALF_A_CENT = 0.005


def random_terms(rng: random.Random) -> Waterfall:
    compounding: Any = rng.choice(["simple", "annual", "annual", "quarterly", "monthly", "daily", "continuous"])
    pref, carry = Decimal(rng.randrange(0, 25)) / 200, Decimal(rng.randrange(0, 61)) / 200
    kind = rng.choice(["usual", "usual", "usual", "ladder", "floored", "two tiers"])
    if kind == "usual":
        catch_up = rng.choice([0, 1, carry + (1 - carry) * Decimal(rng.randrange(1, 10)) / 10])
        first = compounding != "simple" and rng.random() < 0.5
        return waterfall.european(pref=pref, carry=carry, catch_up=catch_up, compounding=compounding, pref_first=first)
    if kind == "two tiers":
        return Waterfall((ReturnOfCapital(), Split(carry)))
    compounding = "annual" if compounding == "simple" else compounding
    rates = sorted(Decimal(rng.randrange(1, 60)) / 200 for _ in range(rng.randrange(1, 5)))
    shares = [Decimal(rng.randrange(0, 18)) / 20 for _ in rates]
    tiers: list[Any] = [IrrHurdle(r, s, compounding, kind == "ladder") for r, s in zip(rates, shares, strict=True)]
    if kind == "ladder" and rng.random() < 0.3:
        tiers.insert(rng.randrange(len(tiers) + 1), MultipleHurdle(Decimal(rng.randrange(2, 7)) / 2, Decimal("0.1")))
    return Waterfall((*tiers, Split(carry)))


def random_events(rng: random.Random) -> list[tuple[int, int, Decimal, Decimal]]:
    """Rows of (day, day it accrues since, claim, cash): calls early, cash later, in cents, from dust to billions."""
    size = 10 ** rng.uniform(2, 9)
    days = sorted(rng.sample(range(4000), rng.randrange(2, 13)))
    rows = []
    for index, at in enumerate(days):
        claim = cash = Decimal(0)
        late = index / len(days)
        if index == 0 or rng.random() > late:
            claim = Decimal(int(100 * size * rng.random())) / 100
        if rng.random() < late * 1.5:
            cash = Decimal(int(100 * size * rng.choice([0.2, 1, 4]) * rng.random())) / 100
        since = rng.randrange(0, at + 1) if rng.random() < 0.15 else at
        rows.append((at, since, claim, cash))
    return rows


def test_the_two_engines_agree_to_the_cent_on_ten_thousand_cases() -> None:
    rng = random.Random(SEED)
    paid = catching = carrying = 0
    for number in range(CASES):
        terms, rows = random_terms(rng), random_events(rng)
        years = [Decimal(at) / 365 for at, *_ in rows]
        claims = [Claim(t, Decimal(since) / 365, c) for t, (_, since, c, _) in zip(years, rows, strict=True)]
        cash = [Cash(t, d, t) for t, (*_, d) in zip(years, rows, strict=True)]
        payments, _ = waterfall.replay(terms, claims, cash)
        form = waterfall.closed_form(
            terms,
            [float(t) for t in years],
            [float(c) for _, _, c, _ in rows],
            [float(d) for *_, d in rows],
            [since / 365 for _, since, _, _ in rows],
        )
        gp = np.array([float(sum(step.gp for step in payment.steps)) for payment in payments])
        lp = np.array([float(sum(step.lp for step in payment.steps)) for payment in payments])
        worst = max(np.abs(gp - form.gp[0]).max(), np.abs(lp - form.lp[0]).max())
        assert worst < HALF_A_CENT, f"seed {SEED}, case {number}: {worst} apart, {terms}, {rows}"
        assert np.abs(form.lp + form.gp - form_total(form)).max() < HALF_A_CENT
        paid += int((lp + gp > 0).any())
        carrying += int((gp > 0).any())
        catching += any(isinstance(step.tier, CatchUp) for payment in payments for step in payment.steps)
    # the cases must be worth agreeing on
    assert paid > 0.8 * CASES
    assert carrying > 0.4 * CASES
    assert catching > 0.1 * CASES


def form_total(form: waterfall.ClosedForm) -> Any:
    return sum(form.tiers)


def test_the_tiers_of_both_engines_agree_where_capital_comes_first() -> None:
    rng = random.Random(SEED + 1)
    for number in range(300):
        carry = Decimal(rng.randrange(1, 40)) / 100
        compounding: Any = rng.choice(["simple", "annual"])
        terms = waterfall.european(carry=carry, catch_up=rng.choice([0, 1]), compounding=compounding)
        rows = random_events(rng)
        ins = [(Decimal(at) / 365, c) for at, _, c, _ in rows]
        outs = [(Decimal(at) / 365, d) for at, *_, d in rows]
        a = waterfall.distribute(terms, ins, outs)
        b = waterfall.distribute(terms, ins, outs, engine="closed form")
        for one, other in zip(a.tiers, b.tiers, strict=True):
            assert abs(one.total - other.total) <= Decimal("0.02") * len(rows), f"seed {SEED + 1}, case {number}"
        assert (a.engine, b.engine) == ("replay", "closed form")
        assert abs(a.gp - b.gp) <= Decimal("0.01")


def test_a_simple_preferred_return_paid_first_agrees_with_a_day_by_day_ledger() -> None:
    """No closed form exists for this one; a ledger that accrues every single day in fractions is the other method."""
    rng = random.Random(SEED + 2)
    terms = waterfall.european(compounding="simple", pref_first=True, catch_up="0.5", decimals=None)
    for number in range(25):
        rows = [(at, at, c, d) for at, _, c, d in random_events(rng)]
        ins = [(Decimal(at) / 365, c) for at, _, c, _ in rows]
        outs = [(Decimal(at) / 365, d) for at, *_, d in rows]
        result = waterfall.distribute(terms, ins, outs)
        assert abs(Fraction(result.gp) - daily_ledger(rows)) < Fraction(1, 10**12), f"seed {SEED + 2}, case {number}"


def daily_ledger(rows: list[tuple[int, int, Decimal, Decimal]]) -> Fraction:
    """The GP's total under 8 % simple paid before capital, 50 % catch-up to 20 %, by days and whole fractions."""
    capital = owed = gp = profit = Fraction(0)
    events = {}
    for at, _, claim, cash in rows:
        before = events.get(at, (Decimal(0), Decimal(0)))
        events[at] = (before[0] + claim, before[1] + cash)
    for today in range(rows[0][0], rows[-1][0] + 1):
        if today > rows[0][0]:
            owed += capital * Fraction(8, 100) / 365
        claim, cash_in = events.get(today, (Decimal(0), Decimal(0)))
        capital += Fraction(claim)
        cash = Fraction(cash_in)
        interest = min(cash, owed)
        back = min(cash - interest, capital)
        owed, capital, cash = owed - interest, capital - back, cash - interest - back
        profit += interest
        both = min(cash, max(Fraction(0), (profit / 5 - gp) / (Fraction(1, 2) - Fraction(1, 5))))
        gp += both / 2 + (cash - both) / 5
        profit += cash
    return gp


@pytest.mark.parametrize(
    "terms",
    [
        waterfall.european(),
        waterfall.european(catch_up=0, compounding="simple"),
        Waterfall((ReturnOfCapital(), Split(Decimal("0.2")))),
        waterfall.irr_hurdles([("0.08", 0), ("0.12", "0.2")], "0.3"),
        waterfall.irr_hurdles([("0.08", 0), ("0.12", "0.2")], "0.3", keep_surplus=False),
        Waterfall(
            (MultipleHurdle(Decimal("1.2")), MultipleHurdle(Decimal("1.5"), Decimal("0.2")), Split(Decimal("0.3")))
        ),
    ],
    ids=lambda terms: "+".join(tier.name for tier in terms.tiers),
)
def test_many_investors_run_at_once_each_on_its_own_row(terms: Waterfall) -> None:
    years = [0, 1, 3, 5]
    ins = [[100, 50, 0, 20], [10, 0, 0, 0], [0, 0, 0, 0]]
    outs = [[0, 0, 170, 150], [0, 0, 0, 30], [0, 0, 0, 0]]
    form = waterfall.closed_form(terms, years, ins, outs)
    assert form.gp.shape == (3, 4)
    assert form.gp[:2].sum(axis=1).min() > 0
    assert np.array_equal(form.lp + form.gp, np.array(outs))
    for row in range(3):
        alone = waterfall.closed_form(terms, years, ins[row], outs[row])
        assert np.allclose(alone.gp[0], form.gp[row], atol=1e-12)
        walked = waterfall.distribute(
            terms, list(zip(years, ins[row], strict=True)), list(zip(years, outs[row], strict=True))
        )
        assert np.allclose([float(paid.gp) for paid in walked.payments], form.gp[row], atol=0.01)


def test_a_result_by_closed_form_reads_like_one_by_replay() -> None:
    calls = [waterfall.Flow(Decimal(2), Decimal(100), "call")]
    cash = [waterfall.Flow(Decimal(3), Decimal(150), "exit"), waterfall.Flow(Decimal(3), Decimal(50), "more")]
    walked = waterfall.distribute(waterfall.european(), calls, cash)
    closed = waterfall.distribute(waterfall.european(), calls, cash, engine="closed form")
    assert [paid.label for paid in closed.payments] == ["exit", "more"]
    assert closed.contributions[0].label == "call"
    for one, other in zip(walked.steps, closed.steps, strict=True):
        assert (one.on, one.tier, one.cash_in, one.lp, one.gp) == (
            other.on,
            other.tier,
            other.cash_in,
            other.lp,
            other.gp,
        )


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (
            waterfall.european(compounding="simple", pref_first=True),
            "no closed form for a simple preferred return paid before capital; use the replay",
        ),
        (
            Waterfall((*waterfall.european().tiers[:3], Split(Decimal("0.3")))),
            "no closed form where the catch-up aims at another share than the split's; use the replay",
        ),
        (
            Waterfall((waterfall.PreferredReturn(Decimal("0.08")), Split(Decimal("0.2")))),
            "no closed form for tiers in this order; use the replay",
        ),
        (
            Waterfall((CatchUp(Decimal("0.2")), Split(Decimal("0.2")))),
            "no closed form for tiers in this order; use the replay",
        ),
        (
            Waterfall((CatchUp(Decimal("0.2")), ReturnOfCapital(), Split(Decimal("0.2")))),
            "no closed form for tiers in this order; use the replay",
        ),
        (
            Waterfall((IrrHurdle(Decimal("0.08")), CatchUp(Decimal("0.2")), Split(Decimal("0.2")))),
            "no closed form for hurdles mixed with other tiers; use the replay",
        ),
        (
            Waterfall(
                (IrrHurdle(Decimal("0.08")), IrrHurdle(Decimal("0.1"), keep_surplus=False), Split(Decimal("0.2")))
            ),
            "no closed form where only some hurdles keep their surplus; use the replay",
        ),
        (
            waterfall.irr_hurdles([(0.12, 0), (0.08, 0.1)], 0.2, keep_surplus=False),
            "no closed form for hurdles that do not rise; use the replay",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_terms_without_a_closed_form_are_refused_not_approximated(terms: Waterfall, message: str) -> None:
    with pytest.raises(KernelError) as refused:
        waterfall.closed_form(terms, [0.0, 1.0], [100.0, 0.0], [0.0, 150.0])
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            ([1.0, 0.0], [1.0, 0.0], [0.0, 1.0], None),
            "events must be in time order, and nothing accrues after it claims",
        ),
        (
            ([0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0], None),
            "years, contributions and distributions must have one column per event",
        ),
        (([0.0, 1.0], [-1.0, 0.0], [0.0, 1.0], None), "contributions and distributions are positive amounts"),
        (([0.0, 1.0], [1.0, 0.0], [0.0, -1.0], None), "contributions and distributions are positive amounts"),
        (([0.0, 1.0], [1.0, 0.0], [0.0, float("nan")], None), "times and amounts must be finite"),
        (
            ([0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 2.0]),
            "events must be in time order, and nothing accrues after it claims",
        ),
        (
            ([0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0]),
            "years, contributions and distributions must have one column per event",
        ),
        ((0.0, [1.0, 0.0], [0.0, 1.0], None), "years, contributions and distributions must have one column per event"),
    ],
)
def test_events_out_of_order_or_shape_are_refused(given: Any, message: str) -> None:
    with pytest.raises(KernelError) as refused:
        waterfall.closed_form(waterfall.european(), *given)
    assert str(refused.value) == message
