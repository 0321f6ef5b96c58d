"""Every change to holdings: the securities of one company in an investment."""

from __future__ import annotations

from sqlalchemy.orm import Session

from vestry.companies.models import Security
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Invalid
from vestry.core.fields import exactly_one
from vestry.core.references import referenced
from vestry.core.versions import expect_version
from vestry.identity.access import find, require, visible
from vestry.investments.models import Holding, Investment


class SecurityOfAnotherCompany(Invalid):
    """A holding is in a security of its investment's company."""


class SeveralHoldings(Conflict):
    """The investment has several holdings, and the change is about one."""


class InvestmentHasHistory(Conflict):
    """Transactions or marks are recorded, so it cannot be taken away."""


def add_holding(
    session: Session, actor: Actor, *, investment_id: int, name: str, security_id: int | None = None
) -> Holding:
    """Another security in an investment."""
    require(actor, "investment.change")
    investment = find(session, actor, Investment, investment_id, noun="investment", lock=True)
    security = own_security(session, actor, investment.company_id, security_id)
    return new_holding(session, actor, investment, name=name, security=security)


def update_holding(
    session: Session, actor: Actor, holding_id: int, *, version: int | None, name: str, security_id: int | None
) -> Holding:
    """Replace a holding's own fields."""
    require(actor, "investment.change")
    holding = find(session, actor, Holding, holding_id, noun="holding", lock=True)
    expect_version(holding, version)
    investment = find(session, actor, Investment, holding.investment_id, noun="investment")
    own_security(session, actor, investment.company_id, security_id)
    holding.name, holding.security_id = name, security_id
    session.flush()
    return holding


def archive_holding(session: Session, actor: Actor, holding_id: int) -> None:
    """Take away a holding in which nothing is recorded."""
    require(actor, "investment.change")
    holding = find(session, actor, Holding, holding_id, noun="holding", lock=True)
    refuse_history(session, [holding.id])
    holding.archived_at = session.info["now"]


def holding_for(session: Session, actor: Actor, *, holding_id: int | None, investment_id: int | None) -> Holding:
    """The holding a body names, directly or as the only one of an investment."""
    exactly_one(holding_id=holding_id, investment_id=investment_id)
    if holding_id is not None:
        return find(session, actor, Holding, holding_id, noun="holding")
    assert investment_id is not None
    find(session, actor, Investment, investment_id, noun="investment")
    found = holdings_of(session, actor, investment_id)
    if len(found) != 1:
        raise SeveralHoldings(
            f"The investment has {len(found)} holdings: {', '.join(str(one.id) for one in found)}.",
            field="investment_id",
            mend="Name the holding by holding_id.",
        )
    return found[0]


def holdings_of(session: Session, actor: Actor, investment_id: int) -> list[Holding]:
    """The live holdings of an investment, the first made first."""
    query = visible(actor, Holding).where(Holding.investment_id == investment_id).order_by(Holding.id)
    return list(session.scalars(query))


def new_holding(
    session: Session, actor: Actor, investment: Investment, *, name: str, security: Security | None
) -> Holding:
    holding = Holding(
        firm_id=actor.firm_id,
        investment_id=investment.id,
        security_id=security.id if security else None,
        name=name,
    )
    session.add(holding)
    session.flush()
    return holding


def own_security(session: Session, actor: Actor, company_id: int, security_id: int | None) -> Security | None:
    if security_id is None:
        return None
    security = find(session, actor, Security, security_id, noun="security")
    if security.company_id != company_id:
        raise SecurityOfAnotherCompany(
            f"{security.name} was issued by another company.", field="security_id", mend="Name one of the same company."
        )
    return security


def refuse_history(session: Session, holding_ids: list[int]) -> None:
    if any(referenced(session, column, holding_ids) for column in ("holding_id", "into_holding_id")):
        raise InvestmentHasHistory(
            "Transactions or marks are recorded in it.",
            mend="Void what was recorded by mistake first; what is true stays in the books.",
        )
