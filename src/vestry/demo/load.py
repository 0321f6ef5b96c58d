"""Writes the demo firm's stories into the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from vestry.capital.models import CapitalCall, CapitalCallLine, Commitment, Distribution, DistributionLine, VehicleEntry
from vestry.companies.models import Company, Round, Security
from vestry.core.actor import Actor
from vestry.core.fields import name_key
from vestry.demo import reporting
from vestry.demo.story import PLANS, ZERO, Call, Deal, Payout, Plan, Story, tell
from vestry.funds import service as funds
from vestry.funds.models import FundTerms, Vehicle
from vestry.investments.models import Holding, Investment, Transaction
from vestry.investors.models import Investor
from vestry.kernel import money
from vestry.valuations.models import ValuationMark

SEED = 20160215
UNTIL = date(2026, 9, 30)


def load_demo(session: Session, actor: Actor, *, funds_per_plan: int = 1, seed: int = SEED) -> int:
    """Tell the stories and record them; returns how many funds were made. ``funds_per_plan`` makes it any size."""
    investors: dict[str, int] = {}
    companies: dict[str, int] = {}
    plans = list(_plans(funds_per_plan))
    for number, plan in enumerate(plans):
        story = tell(plan, np.random.default_rng([seed, number]), UNTIL)
        suffix = f" {number // len(PLANS) + 1}" if number >= len(PLANS) else ""
        _record(session, actor, story, investors, companies, suffix)
    session.flush()
    reporting.report(session, actor, list(companies.values()), seed=seed)
    return len(plans)


def _plans(funds_per_plan: int) -> Iterable[Plan]:
    for generation in range(funds_per_plan):
        for plan in PLANS:
            yield plan if not generation else replace(plan, name=f"{plan.name} – {generation + 1}")


def _record(
    session: Session, actor: Actor, story: Story, investors: dict[str, int], companies: dict[str, int], suffix: str
) -> None:
    plan = story.plan
    fund = funds.create_fund(
        session,
        actor,
        name=plan.name,
        currency=plan.currency,
        strategy=plan.strategy,
        vintage_year=plan.vintage_year,
        target_size=Decimal(plan.size),
        started_on=story.started_on,
    )
    vehicle = session.query(Vehicle).filter_by(fund_id=fund.id).one()
    session.add(_terms(actor, fund.id, story))
    shares = _commit(session, actor, vehicle, story, investors)
    for call in story.calls:
        _issue(session, actor, vehicle, call, shares)
    for payout in story.payouts:
        _pay_out(session, actor, vehicle, payout, shares)
    session.add_all(
        VehicleEntry(firm_id=actor.firm_id, vehicle_id=vehicle.id, kind=kind, entered_on=on, amount=amount, memo=memo)
        for kind, on, amount, memo in story.entries
    )
    for deal in story.deals:
        _invest(session, actor, vehicle, deal, companies, suffix)
    session.flush()


def _terms(actor: Actor, fund_id: int, story: Story) -> FundTerms:
    return FundTerms(
        firm_id=actor.firm_id,
        fund_id=fund_id,
        effective_on=story.started_on,
        management_fee_rate=Decimal("0.02"),
        fee_basis="committed",
        carry_rate=Decimal("0.2"),
        hurdle_rate=Decimal("0.08"),
        catch_up_rate=Decimal(1),
        carry_scheme="european",
        term_years=10,
        investment_period_years=5,
    )


def _commit(
    session: Session, actor: Actor, vehicle: Vehicle, story: Story, investors: dict[str, int]
) -> dict[int, Decimal]:
    """The commitments, by investor id."""
    for name, kind, _ in story.commitments:
        if name not in investors:
            investor = Investor(firm_id=actor.firm_id, name=name, name_key=name_key(name), kind=kind)
            session.add(investor)
            session.flush()
            investors[name] = investor.id
    session.add_all(
        Commitment(
            firm_id=actor.firm_id,
            vehicle_id=vehicle.id,
            investor_id=investors[name],
            committed_on=story.started_on,
            amount=amount,
        )
        for name, _, amount in story.commitments
    )
    return {investors[name]: amount for name, _, amount in story.commitments}


def _issue(session: Session, actor: Actor, vehicle: Vehicle, call: Call, shares: dict[int, Decimal]) -> None:
    header = CapitalCall(
        firm_id=actor.firm_id,
        vehicle_id=vehicle.id,
        kind="call",
        called_on=call.called_on,
        due_on=call.due_on,
        purpose="Investments, management fee and expenses" if call.investments else "Management fee and expenses",
    )
    session.add(header)
    session.flush()
    parts = {"investments": call.investments, "fees": call.fees, "expenses": call.expenses}
    for investor_id, line in _split(parts, shares, vehicle.currency):
        session.add(
            CapitalCallLine(
                firm_id=actor.firm_id,
                capital_call_id=header.id,
                vehicle_id=vehicle.id,
                investor_id=investor_id,
                due_on=call.due_on,
                paid_on=call.due_on if call.paid else None,
                amount=sum(line.values(), ZERO),
                outside_commitment=False,
                **line,
            )
        )


def _pay_out(session: Session, actor: Actor, vehicle: Vehicle, payout: Payout, shares: dict[int, Decimal]) -> None:
    header = Distribution(
        firm_id=actor.firm_id,
        vehicle_id=vehicle.id,
        kind="distribution",
        declared_on=payout.declared_on,
        due_on=payout.due_on,
        purpose="Proceeds of the last quarter",
    )
    session.add(header)
    session.flush()
    parts = {"return_of_capital": payout.return_of_capital, "gains": payout.gains, "income": payout.income}
    for investor_id, line in _split(parts | {"recallable": payout.recallable}, shares, vehicle.currency):
        amount = sum((line[name] for name in parts), ZERO)
        session.add(
            DistributionLine(
                firm_id=actor.firm_id,
                distribution_id=header.id,
                vehicle_id=vehicle.id,
                investor_id=investor_id,
                due_on=payout.due_on,
                paid_on=payout.due_on,
                amount=amount,
                **line | {"recallable": min(line["recallable"], amount)},
            )
        )


def _split(
    parts: dict[str, Decimal], shares: dict[int, Decimal], currency: str
) -> Iterable[tuple[int, dict[str, Decimal]]]:
    places = money.decimals(currency)
    split = {name: money.allocate(total, list(shares.values()), places) for name, total in parts.items()}
    for position, investor_id in enumerate(shares):
        yield investor_id, {name: amounts[position] for name, amounts in split.items()}


def _invest(
    session: Session, actor: Actor, vehicle: Vehicle, deal: Deal, companies: dict[str, int], suffix: str
) -> None:
    company_id = _company(session, actor, vehicle, deal, companies, suffix)
    security = Security(
        firm_id=actor.firm_id,
        company_id=company_id,
        name=deal.security,
        kind="preferred" if "preferred" in deal.security else "common",
        currency=vehicle.currency,
    )
    investment = Investment(firm_id=actor.firm_id, vehicle_id=vehicle.id, company_id=company_id)
    session.add_all([security, investment])
    session.flush()
    holding = Holding(firm_id=actor.firm_id, investment_id=investment.id, security_id=security.id, name=deal.security)
    session.add(holding)
    session.flush()

    def record(kind: str, on: date, amount: Decimal, **more: Any) -> None:
        session.add(
            Transaction(
                firm_id=actor.firm_id, holding_id=holding.id, kind=kind, transacted_on=on, amount=amount, **more
            )
        )

    record("purchase", deal.bought_on, deal.cost, ownership=deal.ownership)
    if deal.follow_on:
        record("follow_on", *deal.follow_on)
    if deal.partial:
        record("proceeds", deal.partial[0], deal.partial[1], disposed_share=deal.partial[2])
    for on, amount in deal.dividends:
        record("dividend", on, amount)
    if deal.ends_on and deal.ends == "write_off":
        record("write_off", deal.ends_on, ZERO, disposed_share=Decimal(1))
    elif deal.ends_on:
        record("proceeds", deal.ends_on, deal.proceeds, disposed_share=Decimal(1))
    session.add_all(
        ValuationMark(
            firm_id=actor.firm_id,
            holding_id=holding.id,
            measured_on=on,
            fair_value=value,
            currency=vehicle.currency,
            method=method,
        )
        for on, value, method in deal.marks
    )


def _company(
    session: Session, actor: Actor, vehicle: Vehicle, deal: Deal, companies: dict[str, int], suffix: str
) -> int:
    name = deal.company + suffix
    if name not in companies:
        company = Company(
            firm_id=actor.firm_id,
            name=name,
            name_key=name_key(name),
            currency=vehicle.currency,
            sector=deal.sector,
            country=deal.country,
            is_public=False,
        )
        session.add(company)
        session.flush()
        companies[name] = company.id
    post_money = (deal.cost / deal.ownership).quantize(Decimal("0.01"))
    session.add(
        Round(
            firm_id=actor.firm_id,
            company_id=companies[name],
            name=deal.security,
            closed_on=deal.bought_on,
            currency=vehicle.currency,
            post_money=post_money,
        )
    )
    return companies[name]
