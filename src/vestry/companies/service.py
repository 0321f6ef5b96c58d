"""Every change to companies, rounds and securities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from vestry.companies import queries
from vestry.companies.models import Company, MarketPrice, Round, Security
from vestry.core import outbox
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Invalid
from vestry.core.fields import decimal_text, happened, name_key
from vestry.core.references import referenced
from vestry.core.versions import expect_version
from vestry.identity import corrections
from vestry.identity.access import find, require, visible
from vestry.integrations.quotes import Price

FETCH_PRICES: Final = "quotes.fetch"


class CompanyNameTaken(Conflict):
    """The firm has a live company of that name."""


class CompanyHasHistory(Conflict):
    """Something is recorded about the company, so it cannot be taken away."""


class CompanyCurrencyIsFixed(Conflict):
    """Rounds, securities or valuations are recorded in the company's currency."""


class RoundDoesNotAddUp(Invalid):
    """Post-money less pre-money is not what was raised."""


class RoundHasSecurities(Conflict):
    """Securities say they were issued in the round."""


class SecurityIsHeld(Conflict):
    """A holding is in the security."""


class RoundOfAnotherCompany(Invalid):
    """A security was issued in a round of its own company."""


class NoSymbol(Invalid):
    """The company is not known by a symbol on an exchange."""


def create_company(session: Session, actor: Actor, *, is_public: bool = False, **values: Any) -> Company:
    """A company of the firm."""
    require(actor, "company.create")
    _refuse_taken_name(session, actor, values["name"])
    company = Company(firm_id=actor.firm_id, name_key=name_key(values["name"]), is_public=is_public, **values)
    session.add(company)
    session.flush()
    return company


def company_for(
    session: Session, actor: Actor, books: str, *, name: str, currency: str | None = None, **values: Any
) -> Company:
    """The company of that name, made when there is none, in ``books``' currency unless another is named."""
    found = queries.company_named(session, actor, name)
    if found is None:
        return create_company(session, actor, name=name, currency=currency or books, **values)
    if currency and currency != found.currency:
        raise CompanyNameTaken(
            f"There is a company named {found.name!r} already, in {found.currency}, not {currency}.",
            field="company.currency",
            mend=f"Name it by company_id {found.id}, or choose another name.",
        )
    return found


def update_company(session: Session, actor: Actor, company_id: int, *, version: int | None, **values: Any) -> Company:
    """Replace a company's own fields. The currency stays once something is recorded in it."""
    require(actor, "company.change")
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    expect_version(company, version)
    key = name_key(values["name"])
    if key != company.name_key:
        _refuse_taken_name(session, actor, values["name"])
    if values["currency"] != company.currency and referenced(
        session, "company_id", [company_id], but=["investment", "market_price"]
    ):
        raise CompanyCurrencyIsFixed(
            f"Rounds, securities or valuations of {company.name} are recorded in {company.currency}.",
            field="currency",
            mend="Void and archive them first, or keep the currency.",
        )
    for name, value in (values | {"name_key": key}).items():
        setattr(company, name, value)
    session.flush()
    return company


def archive_company(session: Session, actor: Actor, company_id: int) -> None:
    """Take away a company about which nothing is recorded."""
    require(actor, "company.change")
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    if referenced(session, "company_id", [company_id], but=["market_price"]):
        raise CompanyHasHistory(
            f"{company.name} has investments, rounds, securities or valuations.",
            mend="Void what was recorded by mistake first; what is true stays in the books.",
        )
    company.archived_at = session.info["now"]


def ask_for_prices(session: Session, actor: Actor, company_id: int, *, again: bool = False) -> outbox.Job:
    """Ask for the job that fetches a listed company's prices."""
    require(actor, "company.change")
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    if not company.ticker_symbol:
        raise NoSymbol(
            f"{company.name} has no symbol to ask a provider for.",
            field="ticker_symbol",
            mend="Give the company's ticker symbol first.",
        )
    payload = {"company_id": company_id, "again": again}
    return outbox.ask(session, FETCH_PRICES, payload, title=f"Market prices of {company.name}")


def keep_prices(
    session: Session, actor: Actor, company_id: int, *, provider: str, symbol: str, prices: Sequence[Price]
) -> int:
    """Keep fetched prices: new days are added, a corrected day is superseded; returns how many changed.

    A provider that does not say its currency is taken to mean the company's.
    """
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    mine = visible(actor, MarketPrice).where(MarketPrice.company_id == company_id, MarketPrice.provider == provider)
    known = {row.priced_on: row for row in session.scalars(mine)}
    changed = 0
    for one in prices:
        said = {"symbol": symbol, "close": one.close, "currency": one.currency or company.currency}
        row = known.get(one.day)
        if row is not None and all(getattr(row, name) == value for name, value in said.items()):
            continue
        if row is None:
            row = MarketPrice(
                firm_id=actor.firm_id, company_id=company_id, provider=provider, priced_on=one.day, **said
            )
            session.add(row)
        for name, value in said.items():
            setattr(row, name, value)
        changed += 1
    session.flush()
    return changed


def record_round(session: Session, actor: Actor, *, company_id: int, **values: Any) -> Round:
    """Record a financing, in the company's currency unless another is named."""
    require(actor, "company.change")
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    _refuse_wrong_round(session, values)
    values["currency"] = values.get("currency") or company.currency
    made = Round(firm_id=actor.firm_id, company_id=company_id, **values)
    session.add(made)
    session.flush()
    return made


def round_for(
    session: Session, actor: Actor, company: Company, *, closed_on: date, currency: str, post_money: Decimal
) -> Round:
    """The round of that day and post-money value, recorded when there is none: two vehicles may join the same one."""
    same = visible(actor, Round).where(
        Round.company_id == company.id,
        Round.closed_on == closed_on,
        Round.currency == currency,
        Round.post_money == post_money,
    )
    found = session.scalars(same.order_by(Round.id).limit(1)).one_or_none()
    return found or record_round(
        session,
        actor,
        company_id=company.id,
        name=f"Round of {closed_on}",
        closed_on=closed_on,
        currency=currency,
        post_money=post_money,
    )


def update_round(session: Session, actor: Actor, round_id: int, *, version: int | None, **values: Any) -> Round:
    """Supersede what was recorded of a round."""
    require(actor, "company.change")
    row = find(session, actor, Round, round_id, noun="round", lock=True)
    expect_version(row, version)
    _refuse_wrong_round(session, values)
    values["currency"] = values.get("currency") or row.currency
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return row


def void_round(session: Session, actor: Actor, round_id: int, *, reason: str) -> None:
    """Take a round back that was recorded by mistake."""
    require(actor, "company.change")
    row = find(session, actor, Round, round_id, noun="round", lock=True)
    if referenced(session, "round_id", [round_id]):
        raise RoundHasSecurities(
            f"Securities were issued in {row.name}.", mend="Archive them, or name another round in them, first."
        )
    corrections.void(session, row, reason)


def create_security(session: Session, actor: Actor, *, company_id: int, **values: Any) -> Security:
    """What a company issued, in the company's currency unless another is named."""
    require(actor, "company.change")
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    _refuse_foreign_round(session, actor, company_id, values.get("round_id"))
    values["currency"] = values.get("currency") or company.currency
    security = Security(firm_id=actor.firm_id, company_id=company_id, **values)
    session.add(security)
    session.flush()
    return security


def update_security(
    session: Session, actor: Actor, security_id: int, *, version: int | None, **values: Any
) -> Security:
    """Replace a security's own fields."""
    require(actor, "company.change")
    security = find(session, actor, Security, security_id, noun="security", lock=True)
    expect_version(security, version)
    _refuse_foreign_round(session, actor, security.company_id, values.get("round_id"))
    values["currency"] = values.get("currency") or security.currency
    for name, value in values.items():
        setattr(security, name, value)
    session.flush()
    return security


def archive_security(session: Session, actor: Actor, security_id: int) -> None:
    """Take away a security nobody holds."""
    require(actor, "company.change")
    security = find(session, actor, Security, security_id, noun="security", lock=True)
    if referenced(session, "security_id", [security_id]):
        raise SecurityIsHeld(f"{security.name} is held.", mend="Archive the holding first, when nothing is in it.")
    security.archived_at = session.info["now"]


def _refuse_wrong_round(session: Session, values: dict[str, Any]) -> None:
    happened(session, values["closed_on"], field="closed_on")
    raised, pre, post = (values.get(name) for name in ("raised", "pre_money", "post_money"))
    if pre is None or post is None:
        return
    if post < pre or (raised is not None and post - pre != raised):
        raise RoundDoesNotAddUp(
            f"Post-money {decimal_text(post, 2)} less pre-money {decimal_text(pre, 2)} is "
            f"{decimal_text(post - pre, 2)}" + ("." if raised is None else f", not {decimal_text(raised, 2)} raised."),
            field="post_money",
            mend="Correct one of the three, or leave out what is not known.",
        )


def _refuse_foreign_round(session: Session, actor: Actor, company_id: int, round_id: int | None) -> None:
    if round_id is None:
        return
    issued = find(session, actor, Round, round_id, noun="round")
    if issued.company_id != company_id:
        raise RoundOfAnotherCompany(
            f"Round {round_id} is one of another company.", field="round_id", mend="Name a round of the same company."
        )


def _refuse_taken_name(session: Session, actor: Actor, name: str) -> None:
    if queries.company_named(session, actor, name):
        raise CompanyNameTaken(
            f"There is a company named {name!r} already.", field="name", mend="Choose another name, or use that one."
        )
