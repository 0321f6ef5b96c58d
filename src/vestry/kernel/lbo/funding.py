"""How a buyout is paid for: debt tranches, sources and uses, the sponsor's equity as the plug."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, decimal, one_or_many
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded

PerPeriod = Number | Sequence[Number]


@dataclass(frozen=True, slots=True)
class Tranche:
    """One debt instrument; build it with `tranche`.

    amount: face drawn at closing. rates, pik_rates, amortisation: one number for all periods or one per period; the
    last holds on. fee: fraction of the face. issue_price: percent of par. amortisation: fraction of the original face
    repaid each period. sweep: fraction of the cash offered to it that repays it early. commitment: limit of a revolver.
    """

    name: str
    amount: Decimal
    rates: tuple[Decimal, ...]
    pik_rates: tuple[Decimal, ...] = (Decimal(0),)
    fee: Decimal = Decimal(0)
    issue_price: Decimal = Decimal(100)
    amortisation: tuple[Decimal, ...] = (Decimal(0),)
    sweep: Decimal = Decimal(0)
    commitment: Decimal | None = None

    @property
    def discount(self) -> Decimal:
        """Original issue discount: what the lender does not pay out."""
        return self.amount * (1 - self.issue_price / 100)


@guarded
def tranche(
    name: str,
    amount: Number,
    rate: PerPeriod = 0,
    *,
    pik: PerPeriod = 0,
    fee: Number = 0,
    issue_price: Number = 100,
    amortisation: PerPeriod = 0,
    sweep: Number = 0,
) -> Tranche:
    """A term loan, bond or mezzanine; rates are fractions a period, `rate` paid in cash, `pik` added to principal."""
    return Tranche(
        name,
        _not_negative(amount, f"{name}: amount"),
        _per_period(rate, f"{name}: rate"),
        _per_period(pik, f"{name}: pik"),
        _fraction(fee, f"{name}: fee"),
        _not_negative(issue_price, f"{name}: issue_price"),
        _per_period(amortisation, f"{name}: amortisation"),
        _fraction(sweep, f"{name}: sweep"),
    )


@guarded
def revolver(name: str, commitment: Number, rate: PerPeriod = 0, *, drawn: Number = 0, fee: Number = 0) -> Tranche:
    """A revolving facility: drawn when cash would fall below its minimum, repaid before any other tranche is swept.

    fee: fraction of the drawn amount at closing.
    """
    limit, used = _not_negative(commitment, f"{name}: commitment"), _not_negative(drawn, f"{name}: drawn")
    if used > limit:
        raise KernelError(f"{name}: drawn {used} exceeds the commitment of {limit}")
    return Tranche(
        name, used, _per_period(rate, f"{name}: rate"), fee=_fraction(fee, "fee"), sweep=Decimal(1), commitment=limit
    )


def _not_negative(value: Number, name: str) -> Decimal:
    number = decimal(value, name)
    if number < 0:
        raise KernelError(f"{name} must not be negative, got {number}")
    return number


def _fraction(value: Number, name: str) -> Decimal:
    number = _not_negative(value, name)
    if number > 1:
        raise KernelError(f"{name} is a fraction between 0 and 1, got {number}")
    return number


def _per_period(value: PerPeriod, name: str) -> tuple[Decimal, ...]:
    values, _ = one_or_many(value)
    if not values:
        raise KernelError(f"{name} needs at least one value")
    return tuple(_not_negative(v, name) for v in values)


@dataclass(frozen=True, slots=True)
class SourcesAndUses:
    """The closing: Σ sources = Σ uses exactly, the sponsor's equity being the difference.

    equity_price: paid to the sellers = EV − net debt. leverage: new debt / EBITDA (None without an EBITDA).
    cash_at_close: what the company starts with. fees: transaction and financing fees and issue discount together.
    """

    enterprise_value: Decimal
    net_debt: Decimal
    equity_price: Decimal
    transaction_fees: Decimal
    financing_fees: Decimal
    issue_discount: Decimal
    sources: Mapping[str, Decimal]
    uses: Mapping[str, Decimal]
    total: Decimal
    sponsor_equity: Decimal
    rollover: Decimal
    new_debt: Decimal
    leverage: Decimal | None
    cash_at_close: Decimal
    explain: Explain

    @property
    def fees(self) -> Decimal:
        """Everything the buyers paid that bought no company."""
        return self.transaction_fees + self.financing_fees + self.issue_discount


SPONSOR = "sponsor equity"


@guarded
def sources_and_uses(
    tranches: Sequence[Tranche],
    *,
    ebitda: Number | None = None,
    entry_multiple: Number | None = None,
    enterprise_value: Number | None = None,
    existing_debt: Number = 0,
    existing_cash: Number = 0,
    cash_used: Number = 0,
    cash_to_balance_sheet: Number = 0,
    rollover: Number = 0,
    transaction_fee: Number = 0,
    transaction_costs: Number = 0,
) -> SourcesAndUses:
    """Fund a purchase at `enterprise_value`, or at ebitda × entry_multiple.

    Uses: equity price (EV − existing debt + existing cash), existing debt refinanced, transaction fees
    (transaction_fee × EV + transaction_costs), financing fees (fee × face), issue discount, cash put on the balance
    sheet. Sources: tranches at face, existing cash used, rollover equity, and the sponsor's equity as the plug.
    Raises KernelError when EV is stated twice or not at all, more cash is used than there is, or debt exceeds the need.
    """
    value = _entry_value(ebitda, entry_multiple, enterprise_value)
    debt, cash = _not_negative(existing_debt, "existing_debt"), _not_negative(existing_cash, "existing_cash")
    used, funded = _not_negative(cash_used, "cash_used"), _not_negative(cash_to_balance_sheet, "cash_to_balance_sheet")
    rolled = _not_negative(rollover, "rollover")
    if used > cash:
        raise KernelError(f"cash_used {used} exceeds the existing cash of {cash}")
    costs = _fraction(transaction_fee, "transaction_fee") * value + _not_negative(
        transaction_costs, "transaction_costs"
    )
    financing = sum((t.amount * t.fee for t in tranches), Decimal(0))
    discount = sum((t.discount for t in tranches), Decimal(0))
    uses = {
        "equity purchase price": value - debt + cash,
        "debt refinanced": debt,
        "transaction fees": costs,
        "financing fees": financing,
        "issue discount": discount,
        "cash to balance sheet": funded,
    }
    total = sum(uses.values(), Decimal(0))
    faces = {t.name: t.amount for t in tranches}
    if len(faces) != len(tranches):
        raise KernelError("tranche names must differ")
    sources = {**faces, "existing cash": used, "rollover equity": rolled}
    sponsor = total - sum(sources.values(), Decimal(0))
    if sponsor < 0:
        raise KernelError(f"sources without the sponsor exceed the uses of {total} by {-sponsor}")
    sources[SPONSOR] = sponsor
    earned = None if ebitda is None else decimal(ebitda, "ebitda")
    borrowed = sum(faces.values(), Decimal(0))
    steps = (
        Step("enterprise value", "EBITDA · multiple, or as given", value),
        *(Step(n, "use", v) for n, v in uses.items()),
        *(Step(n, "source", v) for n, v in sources.items()),
    )
    return SourcesAndUses(
        enterprise_value=value,
        net_debt=debt - cash,
        equity_price=uses["equity purchase price"],
        transaction_fees=costs,
        financing_fees=financing,
        issue_discount=discount,
        sources=sources,
        uses=uses,
        total=total,
        sponsor_equity=sponsor,
        rollover=rolled,
        new_debt=borrowed,
        leverage=borrowed / earned if earned else None,
        cash_at_close=cash - used + funded,
        explain=Explain("Sponsor equity closes the gap between uses and other sources", {"EV": value}, steps),
    )


def _entry_value(ebitda: Number | None, multiple: Number | None, value: Number | None) -> Decimal:
    if value is not None and multiple is None:
        return _not_negative(value, "enterprise_value")
    if value is None and multiple is not None and ebitda is not None:
        return _not_negative(ebitda, "ebitda") * _not_negative(multiple, "entry_multiple")
    raise KernelError("state the price once: enterprise_value, or ebitda and entry_multiple")
