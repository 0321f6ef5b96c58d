"""Options and warrants by the treasury stock method."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from vestry.kernel.exact import Number, decimal, fraction, not_negative, positive
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded

OptionGrant = tuple[Number, Number]  # (how many, strike)


@dataclass(frozen=True, slots=True)
class DilutedShares:
    """Shares after in-the-money options are exercised and their proceeds buy shares back at `price`.

    basic + net_new = diluted. exercised: options in the money. proceeds: strikes paid. repurchased: proceeds / price.
    """

    price: Decimal
    basic: Decimal
    exercised: Decimal
    proceeds: Decimal
    repurchased: Decimal
    net_new: Decimal
    diluted: Decimal
    explain: Explain


@guarded
def treasury_method(price: Number, basic: Number, options: Iterable[OptionGrant] = ()) -> DilutedShares:
    """Diluted shares at a known share price: basic + Σ n·max(0, 1 − K/price).

    options: (number, strike) pairs, warrants included. An option at the money adds nothing.
    """
    p = positive(fraction(price, "price"), "price")
    return _diluted(p, not_negative(fraction(basic, "basic"), "basic"), _grants(options))


@guarded
def diluted_at_equity_value(equity_value: Number, basic: Number, options: Iterable[OptionGrant] = ()) -> DilutedShares:
    """Diluted shares when equity is known and the price is not: the price at which price × diluted = equity.

    price·basic + Σ n·max(0, price − K) = equity is piecewise linear and rising, so it is solved exactly, without the
    spreadsheet's circular reference. Raises KernelError when equity or basic is not above zero.
    """
    equity = positive(fraction(equity_value, "equity_value"), "equity_value")
    shares = positive(fraction(basic, "basic"), "basic")
    grants = _grants(options)
    strikes = sorted({k for _, k in grants})
    count, paid = shares, Fraction(0)
    for strike in strikes:
        if strike * count - paid >= equity:
            break
        count += sum((n for n, k in grants if k == strike), Fraction(0))
        paid += sum((n * k for n, k in grants if k == strike), Fraction(0))
    return _diluted((equity + paid) / count, shares, grants)


def _grants(options: Iterable[OptionGrant]) -> list[tuple[Fraction, Fraction]]:
    return [
        (not_negative(fraction(n, "options"), "options"), not_negative(fraction(k, "strike"), "strike"))
        for n, k in options
    ]


def _diluted(price: Fraction, basic: Fraction, grants: list[tuple[Fraction, Fraction]]) -> DilutedShares:
    in_money = [(n, k) for n, k in grants if k < price]
    exercised = sum((n for n, _ in in_money), Fraction(0))
    proceeds = sum((n * k for n, k in in_money), Fraction(0))
    repurchased = proceeds / price
    net = exercised - repurchased
    steps = (
        Step("exercised", "Σ options with strike below the price", decimal(exercised)),
        Step("proceeds", "Σ n·K", decimal(proceeds)),
        Step("repurchased", "proceeds / price", decimal(repurchased)),
        Step("diluted", "basic + exercised − repurchased", decimal(basic + net)),
    )
    inputs = {
        "price": decimal(price),
        "basic": decimal(basic),
        "grants": tuple((decimal(n), decimal(k)) for n, k in grants),
    }
    return DilutedShares(
        price=decimal(price),
        basic=decimal(basic),
        exercised=decimal(exercised),
        proceeds=decimal(proceeds),
        repurchased=decimal(repurchased),
        net_new=decimal(net),
        diluted=decimal(basic + net),
        explain=Explain("Treasury stock method", inputs, steps),
    )
