"""1,000 investors × 40 events, each investor its own waterfall: the closed form against a replay written plainly."""

from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from bench import harness
from vestry.kernel import waterfall

INVESTORS, EVENTS = 1_000, 40
PREF, CARRY = Decimal("0.08"), Decimal("0.20")


def _flows() -> tuple[list[int], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    days = [91 * event for event in range(EVENTS)]
    calls = rng.integers(0, 50_000_00, (INVESTORS, EVENTS)) / 100
    paid = rng.integers(0, 160_000_00, (INVESTORS, EVENTS)) / 100
    calls[:, EVENTS // 2 :] = 0
    paid[:, : EVENTS // 4] = 0
    return days, calls, paid


def _plain(days: list[int], calls: list[list[Decimal]], paid: list[list[Decimal]]) -> list[Decimal]:
    """Capital, 8 % compounding daily-equivalent, full catch-up, 80/20; one investor and one event after the other."""
    growth = [(1 + PREF) ** (Decimal(b - a) / 365) - 1 for a, b in zip([0, *days], days, strict=False)]
    carried = []
    for called, cash in zip(calls, paid, strict=True):
        capital = owed = profit = gp = Decimal(0)
        for event in range(len(days)):
            owed += (capital + owed) * growth[event]
            capital += called[event]
            left = cash[event]
            back = min(left, capital)
            interest = min(left - back, owed)
            capital, owed, left = capital - back, owed - interest, left - back - interest
            profit += interest
            caught = min(left, max(Decimal(0), (CARRY * profit - gp) / (1 - CARRY)))
            gp += caught + CARRY * (left - caught)
            profit += left
        carried.append(gp)
    return carried


def rows() -> Iterator[harness.Row]:
    """The table's line; no reach is set."""
    days, calls, paid = _flows()
    years = [day / 365 for day in days]
    terms = waterfall.european(pref=PREF, carry=CARRY)
    exact_calls = [[Decimal(str(amount)) for amount in row] for row in calls.tolist()]
    exact_paid = [[Decimal(str(amount)) for amount in row] for row in paid.tolist()]

    def ours() -> np.ndarray:
        return waterfall.closed_form(terms, years, calls, paid).gp.sum(axis=1)

    def peer() -> list[Decimal]:
        return _plain(days, exact_calls, exact_paid)

    apart = float(np.abs(ours() - np.array([float(gp) for gp in peer()])).max())
    if apart > 0.005:
        raise SystemExit(f"waterfall: the engines are {apart} apart")

    def replayed() -> list[Decimal]:
        when = [Decimal(day) / 365 for day in days]
        return [
            waterfall.distribute(terms, list(zip(when, c, strict=True)), list(zip(when, d, strict=True))).gp
            for c, d in zip(exact_calls, exact_paid, strict=True)
        ]

    title = f"waterfall, {INVESTORS} investors × {EVENTS} events"
    yield harness.compare(f"{title}: closed form", ours=ours, peer=peer, reach=None)
    yield harness.compare(f"{title}: replay with trace and cents", ours=replayed, peer=peer, reach=None, rounds=3)
