"""Commitments, calls, distributions and vehicle entries as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from vestry.core.fields import Amount, CurrencyCode, Day, Id, Input, Output, Prose, example

NotNegative = Annotated[Amount, Field(ge=Decimal(0))]
Positive = Annotated[Amount, Field(gt=Decimal(0))]
CallKind = Literal["call", "adjustment"]
EntryKind = Literal["management_fee", "expense", "income", "liability", "accrued_carry"]


class InVehicle(Input):
    """Names the books: a vehicle, or a fund for its main vehicle. ``currency`` may be sent to be checked."""

    fund_id: Id | None = None
    vehicle_id: Id | None = None
    currency: CurrencyCode | None = None

    @model_validator(mode="after")
    def _one_vehicle(self) -> Self:
        if (self.fund_id is None) == (self.vehicle_id is None):
            raise ValueError("name either fund_id or vehicle_id")
        return self


class CommitmentIn(InVehicle):
    """What an investor promises at a closing; 0 is allowed."""

    model_config = example({"fund_id": 1, "investor_id": 1, "committed_on": "2024-01-15", "amount": "5000000.00"})

    investor_id: Id
    committed_on: Day
    amount: NotNegative


class CommitmentChange(Input):
    """A correction of a commitment."""

    model_config = example({"committed_on": "2024-01-15", "amount": "5500000.00"})

    committed_on: Day
    amount: NotNegative


class CommitmentOut(Output):
    """A commitment as recorded."""

    id: int
    fund_id: int
    vehicle_id: int
    investor_id: int
    investor: str
    committed_on: date
    amount: Amount
    currency: str
    version: int
    recorded_at: datetime


class CallLineIn(Input):
    """One investor's share, by purpose. Adjustments may be negative."""

    investor_id: Id
    investments: Amount = Decimal(0)
    fees: Amount = Decimal(0)
    expenses: Amount = Decimal(0)
    paid_on: Day | None = None
    outside_commitment: bool = False


class CallBody(Input):
    """A call: either amounts to split by commitment, or the lines themselves."""

    elements_max: ClassVar[int] = 100_000  # up to 10,000 investors

    model_config = example(
        {"called_on": "2024-03-01", "due_on": "2024-03-15", "investments": "90000.00", "fees": "10000.00"}
    )

    kind: CallKind = "call"
    called_on: Day
    due_on: Day
    paid_on: Day | None = Field(None, description="when all lines were paid, if they were")
    purpose: Prose | None = None
    investments: Amount = Decimal(0)
    fees: Amount = Decimal(0)
    expenses: Amount = Decimal(0)
    lines: Annotated[list[CallLineIn], Field(max_length=10_000)] | None = None

    @model_validator(mode="after")
    def _amounts_or_lines(self) -> Self:
        total = self.investments + self.fees + self.expenses
        if self.lines is None and not any((self.investments, self.fees, self.expenses)):
            raise ValueError("give amounts to split (investments, fees, expenses), or lines")
        if self.lines is not None and (total or not self.lines):
            raise ValueError("give either amounts to split or lines, not both")
        if self.lines is not None and len({line.investor_id for line in self.lines}) != len(self.lines):
            raise ValueError("an investor has two lines; give one with the sum")
        parts = [self.investments, self.fees, self.expenses]
        parts += [part for line in self.lines or [] for part in (line.investments, line.fees, line.expenses)]
        if self.kind == "call" and any(part < 0 for part in parts):
            raise ValueError("a call cannot be negative; use kind adjustment")
        if self.due_on < self.called_on:
            raise ValueError("due_on is before called_on")
        return self


class CallIn(CallBody, InVehicle):
    """A new call on the investors of a vehicle."""

    model_config = example(
        {"fund_id": 1, "called_on": "2024-03-01", "due_on": "2024-03-15", "investments": "100000.00"}
    )


class Receipts(Input):
    """When lines were paid; without ``investor_ids`` all of them. ``paid_on`` null takes a receipt back."""

    elements_max: ClassVar[int] = 100_000  # up to 10,000 investors

    model_config = example({"paid_on": "2024-03-15"})

    paid_on: Day | None
    investor_ids: Annotated[list[Id], Field(max_length=10_000)] | None = None


class CallLineOut(Output):
    """One investor's share of a call."""

    id: int
    investor_id: int
    investor: str
    due_on: date
    paid_on: date | None
    amount: Amount
    investments: Amount
    fees: Amount
    expenses: Amount
    outside_commitment: bool
    version: int


class CallSummary(Output):
    """A call and its sums."""

    id: int
    fund_id: int
    vehicle_id: int
    kind: str
    called_on: date
    due_on: date
    purpose: str | None
    currency: str
    amount: Amount
    paid: Amount
    line_count: int
    unpaid_count: int
    version: int
    recorded_at: datetime


class CallOut(CallSummary):
    """A call with its lines and their sums by purpose."""

    investments: Amount
    fees: Amount
    expenses: Amount
    lines: list[CallLineOut]


class DistributionLineIn(Input):
    """One investor's share, by source; ``recallable`` is the part that may be called again."""

    investor_id: Id
    return_of_capital: NotNegative = Decimal(0)
    gains: NotNegative = Decimal(0)
    income: NotNegative = Decimal(0)
    recallable: NotNegative = Decimal(0)
    paid_on: Day | None = None


class DistributionBody(Input):
    """A distribution: either amounts to split by commitment, or the lines themselves."""

    elements_max: ClassVar[int] = 100_000  # up to 10,000 investors

    model_config = example({"declared_on": "2024-06-01", "due_on": "2024-06-15", "return_of_capital": "30000.00"})

    declared_on: Day
    due_on: Day
    paid_on: Day | None = Field(None, description="when all lines were paid, if they were")
    purpose: Prose | None = None
    return_of_capital: NotNegative = Decimal(0)
    gains: NotNegative = Decimal(0)
    income: NotNegative = Decimal(0)
    recallable: NotNegative = Decimal(0)
    lines: Annotated[list[DistributionLineIn], Field(max_length=10_000)] | None = None

    @model_validator(mode="after")
    def _amounts_or_lines(self) -> Self:
        total = self.return_of_capital + self.gains + self.income
        if self.lines is None and not total:
            raise ValueError("give amounts to split (return_of_capital, gains, income), or lines")
        if self.lines is not None and (total or self.recallable or not self.lines):
            raise ValueError("give either amounts to split or lines, not both")
        if self.lines is not None and len({line.investor_id for line in self.lines}) != len(self.lines):
            raise ValueError("an investor has two lines; give one with the sum")
        parts: list[DistributionBody | DistributionLineIn] = [self, *(self.lines or [])]
        if any(part.recallable > part.return_of_capital + part.gains + part.income for part in parts):
            raise ValueError("recallable is more than the amount")
        if self.due_on < self.declared_on:
            raise ValueError("due_on is before declared_on")
        return self


class DistributionIn(DistributionBody, InVehicle):
    """A new distribution to the investors of a vehicle."""

    model_config = example({"fund_id": 1, "declared_on": "2024-06-01", "due_on": "2024-06-15", "gains": "20000.00"})


class DistributionLineOut(Output):
    """One investor's share of a distribution."""

    id: int
    investor_id: int
    investor: str
    due_on: date
    paid_on: date | None
    amount: Amount
    return_of_capital: Amount
    gains: Amount
    income: Amount
    recallable: Amount
    version: int


class DistributionSummary(Output):
    """A distribution and its sums."""

    id: int
    fund_id: int
    vehicle_id: int
    kind: str
    declared_on: date
    due_on: date
    purpose: str | None
    currency: str
    amount: Amount
    paid: Amount
    recallable: Amount
    line_count: int
    unpaid_count: int
    version: int
    recorded_at: datetime


class DistributionOut(DistributionSummary):
    """A distribution with its lines and their sums by source."""

    return_of_capital: Amount
    gains: Amount
    income: Amount
    lines: list[DistributionLineOut]


class EntryIn(InVehicle):
    """A vehicle's own money. Liabilities and accrued carry are balances: the latest one counts."""

    model_config = example({"fund_id": 1, "kind": "management_fee", "entered_on": "2024-06-30", "amount": "25000.00"})

    kind: EntryKind
    entered_on: Day
    amount: NotNegative
    memo: Prose | None = None


class EntryChange(Input):
    """A correction of an entry."""

    model_config = example({"kind": "expense", "entered_on": "2024-06-30", "amount": "1200.00", "memo": "Audit"})

    kind: EntryKind
    entered_on: Day
    amount: NotNegative
    memo: Prose | None = None


class EntryOut(Output):
    """An entry as recorded."""

    id: int
    fund_id: int
    vehicle_id: int
    kind: str
    entered_on: date
    amount: Amount
    currency: str
    memo: str | None
    version: int
    recorded_at: datetime


class CommitmentPage(Output):
    """A page of commitments."""

    items: list[CommitmentOut]
    next: str | None
    total: int


class CallPage(Output):
    """A page of calls."""

    items: list[CallSummary]
    next: str | None
    total: int


class DistributionPage(Output):
    """A page of distributions."""

    items: list[DistributionSummary]
    next: str | None
    total: int


class EntryPage(Output):
    """A page of entries."""

    items: list[EntryOut]
    next: str | None
    total: int
