"""Anti-dilution: the conversion price after a down round."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, decimal, fraction, not_negative, positive
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded


@dataclass(frozen=True, slots=True)
class AntiDilution:
    """The adjustment: new conversion price, its ratio to the old one (factor), and common shares per preferred share.

    conversion_ratio = original issue price / new conversion price; with no issue price given, old price / new price.
    """

    conversion_price: Decimal
    previous_price: Decimal
    factor: Decimal
    conversion_ratio: Decimal
    adjusted: bool
    explain: Explain

    def shares_on_conversion(self, preferred_shares: Number) -> Decimal:
        """Common shares that many preferred shares now convert into."""
        return decimal(fraction(preferred_shares, "preferred_shares") * Fraction(self.conversion_ratio))


@guarded
def full_ratchet(conversion_price: Number, new_price: Number, *, issue_price: Number | None = None) -> AntiDilution:
    """Full ratchet: the conversion price falls to the new issue's price, however few shares were sold; never rises."""
    old = positive(fraction(conversion_price, "conversion_price"), "conversion_price")
    new = not_negative(fraction(new_price, "new_price"), "new_price")
    if new == 0:
        raise KernelError("a full ratchet to a price of zero has no conversion ratio")
    step = Step("CP2", "min(CP1, new price)", decimal(min(old, new)))
    inputs = {"CP1": decimal(old), "new price": decimal(new)}
    return _result(old, min(old, new), issue_price, Explain("Full ratchet", inputs, (step,)))


@guarded
def weighted_average(
    conversion_price: Number,
    outstanding: Number,
    new_shares: Number,
    *,
    new_price: Number | None = None,
    consideration: Number | None = None,
    issue_price: Number | None = None,
) -> AntiDilution:
    """Weighted average: CP2 = CP1 · (A + B) / (A + C), never above CP1 (NVCA model charter).

    A = outstanding shares before the issue, B = shares the consideration would have bought at CP1, C = shares issued.
    Broad-based counts everything fully diluted in A (options, pool, warrants, as-converted preferred); narrow-based
    only what the charter names. State what was paid as `new_price` per share or `consideration` in total.
    """
    old = positive(fraction(conversion_price, "conversion_price"), "conversion_price")
    a = not_negative(fraction(outstanding, "outstanding"), "outstanding")
    c = not_negative(fraction(new_shares, "new_shares"), "new_shares")
    if (new_price is None) == (consideration is None):
        raise KernelError("state what was paid once: new_price or consideration")
    paid = fraction(new_price, "new_price") * c if new_price is not None else fraction(consideration or 0)
    b = not_negative(paid, "consideration") / old
    if a + c == 0:
        raise KernelError("outstanding and new shares are both zero")
    if a + b == 0:
        raise KernelError("shares issued for nothing to a company without shares leave no conversion price")
    new = min(old, old * (a + b) / (a + c))
    steps = (
        Step("B", "consideration / CP1", decimal(b)),
        Step("A + B", "A + B", decimal(a + b)),
        Step("A + C", "A + C", decimal(a + c)),
        Step("CP2", "min(CP1, CP1·(A+B)/(A+C))", decimal(new)),
    )
    inputs = {"CP1": decimal(old), "A": decimal(a), "consideration": decimal(paid), "C": decimal(c)}
    return _result(old, new, issue_price, Explain("Weighted average", inputs, steps, "NVCA model charter"))


broad_based = weighted_average


@guarded
def narrow_based(
    conversion_price: Number,
    preferred_outstanding: Number,
    new_shares: Number,
    *,
    new_price: Number | None = None,
    consideration: Number | None = None,
    issue_price: Number | None = None,
) -> AntiDilution:
    """Weighted average with A limited to the preferred (as converted) outstanding: a deeper cut than broad-based."""
    return weighted_average(
        conversion_price,
        preferred_outstanding,
        new_shares,
        new_price=new_price,
        consideration=consideration,
        issue_price=issue_price,
    )


def _result(old: Fraction, new: Fraction, issue_price: Number | None, explain: Explain) -> AntiDilution:
    issued_at = old if issue_price is None else positive(fraction(issue_price, "issue_price"), "issue_price")
    return AntiDilution(
        conversion_price=decimal(new),
        previous_price=decimal(old),
        factor=decimal(new / old),
        conversion_ratio=decimal(issued_at / new),
        adjusted=new < old,
        explain=explain,
    )
