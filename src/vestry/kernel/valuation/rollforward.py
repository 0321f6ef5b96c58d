"""Fair-value roll-forward: from opening to closing value with every movement named. Money is Decimal and must tie."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction

from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, decimal, fraction, positive
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded


class RollForwardDoesNotTie(KernelError):
    """Opening value and movements do not add up to the closing value stated."""


@dataclass(frozen=True, slots=True)
class RollForward:
    """opening + purchases − proceeds + realised + unrealised + fx + transfers_in − transfers_out = closing.

    purchases, proceeds and transfers are positive amounts; realised, unrealised and fx are gains (losses negative).
    fx is what exchange rates alone did to the value held.
    """

    opening: Decimal
    purchases: Decimal
    proceeds: Decimal
    realised: Decimal
    unrealised: Decimal
    fx: Decimal
    transfers_in: Decimal
    transfers_out: Decimal
    closing: Decimal

    @property
    def explain(self) -> Explain:
        """The movements in order."""
        signs = {"opening": "+", "purchases": "+", "proceeds": "−", "transfers_out": "−"}
        lines = [f.name for f in fields(self) if f.name != "closing"]
        steps = (*(Step(n, signs.get(n, "+"), getattr(self, n)) for n in lines), Step("closing", "Σ", self.closing))
        return Explain("Fair-value roll-forward (ASC 820 / IFRS 13 level 3)", {"opening": self.opening}, steps)


@guarded
def roll_forward(
    opening: Number,
    *,
    purchases: Number = 0,
    proceeds: Number = 0,
    realised: Number = 0,
    unrealised: Number | None = None,
    fx: Number = 0,
    transfers_in: Number = 0,
    transfers_out: Number = 0,
    closing: Number | None = None,
) -> RollForward:
    """A roll-forward from its movements; of `unrealised` and `closing` at most one may be left out and is then derived.

    Leaving out both means no unrealised change. Raises RollForwardDoesNotTie when both are given and do not agree to
    the last digit.
    """
    start, bought, sold = fraction(opening, "opening"), fraction(purchases, "purchases"), fraction(proceeds, "proceeds")
    gain, moved = fraction(realised, "realised"), fraction(fx, "fx")
    entered, left = fraction(transfers_in, "transfers_in"), fraction(transfers_out, "transfers_out")
    for name, amount in (("purchases", bought), ("proceeds", sold), ("transfers_in", entered), ("transfers_out", left)):
        if amount < 0:
            raise KernelError(f"{name} are a positive amount, got {decimal(amount)}")
    base = start + bought - sold + gain + moved + entered - left
    if unrealised is None:
        end = base if closing is None else fraction(closing, "closing")
        change = end - base
    else:
        change = fraction(unrealised, "unrealised")
        end = base + change
    if closing is not None and end != fraction(closing, "closing"):
        stated = fraction(closing, "closing")
        missed = decimal(stated - end)
        raise RollForwardDoesNotTie(
            f"movements give {decimal(end)}, closing is {decimal(stated)}: {missed} unexplained"
        )
    return _built(start, bought, sold, gain, change, moved, entered, left, end)


def _built(*amounts: Fraction) -> RollForward:
    return RollForward(*(decimal(amount) for amount in amounts))


@guarded
def total(rolls: Iterable[RollForward]) -> RollForward:
    """The sum of several roll-forwards, line by line; it ties because each of them does."""
    found = list(rolls)
    if not found:
        raise KernelError("give at least one roll-forward")
    sums = (sum((Fraction(getattr(r, f.name)) for r in found), Fraction(0)) for f in fields(RollForward))
    return _built(*sums)


Flow = tuple[Number, Number]  # (amount in local currency, exchange rate on its day)


@guarded
def translated_roll_forward(
    opening: Number,
    closing: Number,
    *,
    opening_rate: Number,
    closing_rate: Number,
    purchases: Sequence[Flow] = (),
    proceeds: Sequence[Flow] = (),
    realised: Number = 0,
) -> RollForward:
    """Roll-forward in reporting currency of a position held in a local one, price and currency effects apart.

    opening, closing, realised: in local currency. rates: reporting currency per unit of local. purchases, proceeds:
    (local amount, rate on the day). Local gains are translated at the closing rate (price = Δlocal × close), and

        fx = opening·(close − open) + Σ purchase·(close − rate) − Σ proceed·(close − rate),

    so the cross term belongs to price. It ties exactly.
    """
    start, end, gain = fraction(opening, "opening"), fraction(closing, "closing"), fraction(realised, "realised")
    first = positive(fraction(opening_rate, "opening_rate"), "opening_rate")
    last = positive(fraction(closing_rate, "closing_rate"), "closing_rate")
    bought = [(fraction(a, "purchases"), positive(fraction(r, "rate"), "rate")) for a, r in purchases]
    sold = [(fraction(a, "proceeds"), positive(fraction(r, "rate"), "rate")) for a, r in proceeds]
    local = end - start - sum((a for a, _ in bought), Fraction(0)) + sum((a for a, _ in sold), Fraction(0))
    fx = start * (last - first)
    fx += sum((a * (last - r) for a, r in bought), Fraction(0)) - sum((a * (last - r) for a, r in sold), Fraction(0))
    return roll_forward(
        start * first,
        purchases=sum((a * r for a, r in bought), Fraction(0)),
        proceeds=sum((a * r for a, r in sold), Fraction(0)),
        realised=gain * last,
        unrealised=(local - gain) * last,
        fx=fx,
        closing=end * last,
    )
