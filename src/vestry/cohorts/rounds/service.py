"""Every step of a monthly round: who may take it, from which state, and what it writes."""

from __future__ import annotations

import json
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy.orm import Session

from vestry.cohorts import facts
from vestry.cohorts.cashflows.books import books_of, refuse_beyond_reach
from vestry.cohorts.models import TradeTerms
from vestry.cohorts.months import first_day, index_of
from vestry.cohorts.rounds import queries, statements, steps
from vestry.cohorts.rounds.models import MonthlyRound, RoundStatement, RoundTransfer
from vestry.cohorts.spends.service import SPEND
from vestry.companies.models import Company
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Invalid, NotFound
from vestry.core.fields import happened, payable
from vestry.core.four_eyes import waits_for_approval
from vestry.core.names import month_text
from vestry.core.versions import expect_version
from vestry.identity import corrections
from vestry.identity.access import find, require, visible
from vestry.kernel.money import decimals


class RoundExists(Conflict):
    """A live round of the same month."""


class NoTradeAgreed(Conflict):
    """A planned spend is approved for a trade, and there is none on that cohort."""


class MonthNotOver(Conflict):
    """What is owed for a month is stated once the month is over."""


class LaterMonthStated(Conflict):
    """A later statement carries what was open, so an earlier one cannot come or go any more."""


class MoneyMoved(Conflict):
    """Money is recorded that would be left without its reason."""


class NothingMoved(Invalid):
    """A transfer of nothing."""


def plan(session: Session, actor: Actor, company_id: int, *, month: date, planned_spend: Decimal) -> MonthlyRound:
    """Open the round of a month with what the company plans to spend; 0 where only older cohorts are settled."""
    require(actor, "monthly_round.report")
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    payable(planned_spend, company.currency, field="planned_spend")
    same = visible(actor, MonthlyRound).where(MonthlyRound.company_id == company_id, MonthlyRound.month == month)
    found = session.scalars(same).one_or_none()
    if found is not None:
        raise RoundExists(
            f"There is a round of {month_text(month)} already.",
            field="month",
            mend=f"Change its plan (PUT, id {found.id}) or take it back first.",
        )
    row = MonthlyRound(firm_id=actor.firm_id, company_id=company_id, month=month, plan_in_terms=False)
    _to(row, actor, "plan", "planned", amount=planned_spend)
    row.planned_spend = planned_spend
    session.add(row)
    session.flush()
    return row


def change_plan(
    session: Session,
    actor: Actor,
    company_id: int,
    monthly_round_id: int,
    *,
    version: int | None,
    planned_spend: Decimal,
) -> MonthlyRound:
    """Another plan, before it is approved or after it was declined."""
    company, row = _begin(session, actor, company_id, monthly_round_id, version, "plan")
    row.planned_spend = payable(planned_spend, company.currency, field="planned_spend")
    return _done(session, _to(row, actor, "plan", "planned", amount=planned_spend))


@waits_for_approval("approve_monthly_round", "funding")
def approve(
    session: Session, actor: Actor, monthly_round_id: int, *, company_id: int, version: int | None
) -> MonthlyRound:
    """Agree to fund sharing × planned spend; terms that do not say what their cap was agreed for, say it then."""
    company, row = _begin(session, actor, company_id, monthly_round_id, version, "approve")
    trade = queries.trade_of(session, actor, row)
    if trade is None:
        raise NoTradeAgreed(
            f"No trade is agreed on the cohort of {month_text(row.month)}.",
            mend="Record its terms, then approve the plan.",
        )
    due = _share(trade, row.planned_spend, company)
    row.sharing_percentage, row.funding_due = trade.sharing_percentage, due
    row.plan_in_terms = trade.planned_spend is None and row.planned_spend > 0
    _to(row, actor, "approve", "approved", amount=due)
    if row.plan_in_terms:
        trade.planned_spend = row.planned_spend
        refuse_beyond_reach(session, actor, company)
    return _done(session, row)


def decline(
    session: Session, actor: Actor, company_id: int, monthly_round_id: int, *, version: int | None, reason: str
) -> MonthlyRound:
    """Say no to a plan, and why; the company may make another."""
    _, row = _begin(session, actor, company_id, monthly_round_id, version, "decline")
    return _done(session, _to(row, actor, "decline", "declined", reason=reason))


def fund(
    session: Session,
    actor: Actor,
    company_id: int,
    monthly_round_id: int,
    *,
    version: int | None,
    paid_on: date,
    amount: Decimal | None,
) -> MonthlyRound:
    """Record what the fund paid on a day: first what is due, later what the actual spend makes a difference.

    ``amount`` left out: what is due and not paid yet. Negative: it came back.
    """
    company, row = _begin(session, actor, company_id, monthly_round_id, version, "fund")
    if amount is None:
        amount = (row.funding_due or steps.NOTHING) - _sum(queries.transfers_of(session, actor, row, "funding"))
    _move(session, actor, company, row, "funding", paid_on, amount)
    return _done(session, _to(row, actor, "fund", "funded" if row.state == "approved" else row.state, paid_on, amount))


def report(
    session: Session, actor: Actor, company_id: int, monthly_round_id: int, *, version: int | None, spend: Decimal
) -> MonthlyRound:
    """What was really spent: recorded as the cohort's spend, from which everything else follows."""
    company, row = _begin(session, actor, company_id, monthly_round_id, version, "report")
    payable(spend, company.currency, field="spend")
    values = {"cohort_month": row.month, "spend": spend}
    known = queries.spend_of(session, actor, row)
    _to(row, actor, "report", "spent", amount=spend)
    if known is None:
        facts.record(session, actor, SPEND, company_id, values)
    elif known.spend != spend:
        facts.replace(session, actor, SPEND, company_id, known.id, None, values)
    return _done(session, row)


def issue(
    session: Session, actor: Actor, company_id: int, monthly_round_id: int, *, version: int | None
) -> MonthlyRound:
    """State what is owed for the month as the engine computes it now; the statement keeps it."""
    company, row = _begin(session, actor, company_id, monthly_round_id, version, "issue")
    if clock.today(session) < first_day(index_of(row.month) + 1):
        raise MonthNotOver(f"{month_text(row.month)} is not over.", mend="Issue the statement once it is.")
    if queries.has_later_statement(session, actor, row):
        raise LaterMonthStated("A later month was stated already.", mend="Step that round back first.")
    lines = statements.lines_of(books_of(session, actor, company_id), row.month)
    total, carried = statements.total_of(lines), queries.carried_into(session, actor, company_id, row.month)
    _to(row, actor, "issue", "stated", amount=total)
    session.add(
        RoundStatement(
            firm_id=actor.firm_id,
            company_id=company_id,
            monthly_round_id=row.id,
            total=total,
            carried=carried,
            lines=json.dumps(lines),
        )
    )
    session.flush()
    _settle_states(session, actor, company.id, row)
    return _done(session, row)


def settle(
    session: Session,
    actor: Actor,
    company_id: int,
    monthly_round_id: int,
    *,
    version: int | None,
    paid_on: date,
    amount: Decimal,
) -> MonthlyRound:
    """Record what the company paid on a day, in part or more than is open; negative: it was paid back."""
    company, row = _begin(session, actor, company_id, monthly_round_id, version, "settle")
    _move(session, actor, company, row, "settlement", paid_on, amount)
    _to(row, actor, "settle", row.state, paid_on, amount)
    session.flush()
    _settle_states(session, actor, company_id, row)
    return _done(session, row)


def take_back_transfer(session: Session, actor: Actor, company_id: int, transfer_id: int, reason: str) -> None:
    """A transfer that was recorded by mistake; the only funding of a round goes by stepping the round back."""
    require(actor, "monthly_round.change")
    find(session, actor, Company, company_id, noun="transfer", lock=True)
    moved = find(session, actor, RoundTransfer, transfer_id, noun="transfer", lock=True)
    if moved.company_id != company_id:
        raise NotFound("transfer")
    row = queries.one_round(session, actor, company_id, moved.monthly_round_id, lock=True)
    if moved.kind == "funding" and len(queries.transfers_of(session, actor, row, "funding")) == 1:
        raise MoneyMoved("The round is funded by this transfer alone.", mend="Step the round back instead.")
    corrections.void(session, moved, reason)
    _to(row, actor, "take_back", row.state, moved.paid_on, moved.amount, reason)
    session.flush()
    _settle_states(session, actor, company_id, row)


def step_back(
    session: Session, actor: Actor, company_id: int, monthly_round_id: int, *, version: int | None, reason: str
) -> MonthlyRound:
    """Undo the last stage, with a reason; what it wrote is taken back and stays in the history."""
    company, row = _begin(session, actor, company_id, monthly_round_id, version, "step_back")
    left = row.state
    earlier = steps.before(left, was_funded=row.funding_due is not None)
    if left in ("stated", "settled"):
        _unstate(session, actor, row, reason)
    elif left == "spent":
        _unspend(session, actor, row, company, reason)
    elif left == "funded":
        for moved in queries.transfers_of(session, actor, row, "funding"):
            corrections.void(session, moved, reason)
    else:
        _unapprove(session, actor, row, company)
    _done(session, _to(row, actor, "step_back", earlier, reason=reason))
    _settle_states(session, actor, company_id, row)
    return row


def take_back(session: Session, actor: Actor, company_id: int, monthly_round_id: int, reason: str) -> None:
    """Take a round back in which nothing was paid yet."""
    company, row = _begin(session, actor, company_id, monthly_round_id, None, "void")
    if row.state == "approved":
        _unapprove(session, actor, row, company)
    corrections.void(session, row, reason)


def _begin(
    session: Session, actor: Actor, company_id: int, monthly_round_id: int, version: int | None, step: str
) -> tuple[Company, MonthlyRound]:
    """The company, locked, and its round, seen at that version and in a state from which the step leads on."""
    require(actor, queries.PERMISSIONS[step])
    company = find(session, actor, Company, company_id, noun="monthly round", lock=True)
    row = queries.one_round(session, actor, company_id, monthly_round_id, lock=True)
    expect_version(row, version)
    steps.expect(step, row.state, row.planned_spend)
    return company, row


def _to(
    row: MonthlyRound,
    actor: Actor,
    step: str,
    state: str,
    on: date | None = None,
    amount: Decimal | None = None,
    reason: str | None = None,
) -> MonthlyRound:
    """The round after a step, and who took it."""
    row.step, row.state, row.step_on, row.step_amount, row.reason = step, state, on, amount, reason
    row.done_by = (actor.name or actor.kind)[:200]
    row.side = "company" if actor.role == "company_contact" else "fund"
    return row


def _done(session: Session, row: MonthlyRound) -> MonthlyRound:
    session.flush()
    return row


def _move(
    session: Session, actor: Actor, company: Company, row: MonthlyRound, kind: str, paid_on: date, amount: Decimal
) -> None:
    happened(session, paid_on, field="paid_on")
    payable(amount, company.currency)
    if amount == 0:
        raise NothingMoved("Nothing is left to pay, or 0 was given.", field="amount", mend="Give what was paid.")
    session.add(
        RoundTransfer(
            firm_id=actor.firm_id,
            company_id=company.id,
            monthly_round_id=row.id,
            kind=kind,
            paid_on=paid_on,
            amount=amount,
            done_by=(actor.name or actor.kind)[:200],
        )
    )


def _settle_states(session: Session, actor: Actor, company_id: int, by: MonthlyRound) -> None:
    """Stated or settled, for every round: what is paid too much for one month settles the next."""
    found = queries.stated_rounds(session, actor, company_id)
    done = steps.settled([stated.total for _, stated in found], queries.settled_in_all(session, actor, company_id))
    for (row, _), is_settled in zip(found, done, strict=True):
        state = "settled" if is_settled else "stated"
        if row.state == state:
            continue
        if row is by:
            row.state = state
        else:
            _to(row, actor, "carry", state)
    session.flush()


def _unstate(session: Session, actor: Actor, row: MonthlyRound, reason: str) -> None:
    if queries.has_later_statement(session, actor, row):
        raise LaterMonthStated("A later month was stated since.", mend="Step that round back first.")
    if queries.transfers_of(session, actor, row, "settlement"):
        raise MoneyMoved("Settlements are recorded for this statement.", mend="Take them back first, with a reason.")
    stated = queries.statement_of(session, actor, row)
    if stated is not None:
        corrections.void(session, stated, reason)


def _unspend(session: Session, actor: Actor, row: MonthlyRound, company: Company, reason: str) -> None:
    known = queries.spend_of(session, actor, row)
    if known is not None:
        corrections.void(session, known, reason)
        refuse_beyond_reach(session, actor, company)


def _unapprove(session: Session, actor: Actor, row: MonthlyRound, company: Company) -> None:
    """The terms forget the plan where approving it had put it there."""
    trade = queries.trade_of(session, actor, row)
    if row.plan_in_terms and trade is not None and trade.planned_spend == row.planned_spend:
        trade.planned_spend = None
        refuse_beyond_reach(session, actor, company)
    row.sharing_percentage, row.funding_due, row.plan_in_terms = None, None, False


def _share(trade: TradeTerms, spend: Decimal, company: Company) -> Decimal:
    return shared(trade.sharing_percentage, spend, company.currency)


def shared(sharing: Decimal, spend: Decimal, currency: str) -> Decimal:
    """Sharing × spend to what can be paid in the currency, a half going up, as the engine takes the outlay."""
    return (sharing * spend).quantize(Decimal(1).scaleb(-decimals(currency)), ROUND_HALF_UP)


def _sum(moved: list[RoundTransfer]) -> Decimal:
    return sum((one.amount for one in moved), steps.NOTHING)
