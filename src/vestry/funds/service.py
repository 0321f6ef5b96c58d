"""Every change to funds, vehicles and terms."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.errors import Conflict, NotFound
from vestry.core.fields import name_key
from vestry.core.model import Kept
from vestry.core.references import referenced
from vestry.core.versions import expect_version
from vestry.funds.models import Fund, FundTerms, Vehicle
from vestry.identity.access import find, require, visible


class FundNameTaken(Conflict):
    """The firm has a live fund of that name."""


class FundHasHistory(Conflict):
    """Something is recorded in the fund, so it cannot be taken away."""


class CurrencyIsFixed(Conflict):
    """Facts are recorded in the fund's currency."""


def create_fund(session: Session, actor: Actor, *, books: str = "here", **values: Any) -> Fund:
    """A fund and its main vehicle."""
    require(actor, "fund.create")
    _refuse_taken_name(session, actor, values["name"])
    fund = Fund(firm_id=actor.firm_id, name_key=name_key(values["name"]), **values)
    session.add(fund)
    session.flush()
    session.add(
        Vehicle(
            firm_id=actor.firm_id, fund_id=fund.id, name=fund.name, kind="main", books=books, currency=fund.currency
        )
    )
    session.flush()
    return fund


def update_fund(
    session: Session, actor: Actor, fund_id: int, *, version: int | None, books: str, **values: Any
) -> Fund:
    """Replace a fund's own fields. The currency stays once something is recorded."""
    require(actor, "fund.change")
    fund = find(session, actor, Fund, fund_id, noun="fund", lock=True)
    expect_version(fund, version)
    if name_key(values["name"]) != fund.name_key:
        _refuse_taken_name(session, actor, values["name"])
    vehicles = session.scalars(visible(actor, Vehicle).where(Vehicle.fund_id == fund_id)).all()
    if values["currency"] != fund.currency and has_facts(session, [vehicle.id for vehicle in vehicles]):
        raise CurrencyIsFixed(
            f"The fund's books are in {fund.currency}; facts recorded in it cannot change currency.",
            field="currency",
            mend="Make a new fund in the other currency.",
        )
    for name, value in (values | {"name_key": name_key(values["name"])}).items():
        setattr(fund, name, value)
    for vehicle in vehicles:
        vehicle.currency = fund.currency
        if vehicle.kind == "main":
            vehicle.name, vehicle.books = fund.name, books
    session.flush()
    return fund


def archive_fund(session: Session, actor: Actor, fund_id: int) -> None:
    """Take an empty fund away; a fund with facts stays."""
    require(actor, "fund.change")
    fund = find(session, actor, Fund, fund_id, noun="fund", lock=True)
    vehicles = session.scalars(visible(actor, Vehicle).where(Vehicle.fund_id == fund_id)).all()
    if has_facts(session, [vehicle.id for vehicle in vehicles]):
        raise FundHasHistory(
            f"{fund.name} has recorded flows, investments or commitments.",
            mend="Void what was recorded by mistake first; what is true stays in the books.",
        )
    things: list[Kept] = [fund, *vehicles]
    for thing in things:
        thing.archived_at = session.info["now"]


def create_vehicle(session: Session, actor: Actor, *, fund_id: int, **values: Any) -> Vehicle:
    """Another vehicle of a fund, in the fund's currency."""
    require(actor, "fund.change")
    fund = find(session, actor, Fund, fund_id, noun="fund", lock=True)
    vehicle = Vehicle(firm_id=actor.firm_id, fund_id=fund.id, currency=fund.currency, **values)
    session.add(vehicle)
    session.flush()
    return vehicle


def set_terms(session: Session, actor: Actor, fund_id: int, **values: Any) -> FundTerms:
    """Record the terms from a day on; the same day again supersedes them."""
    require(actor, "fund.change")
    find(session, actor, Fund, fund_id, noun="fund", lock=True)
    terms = session.scalars(
        visible(actor, FundTerms).where(FundTerms.fund_id == fund_id, FundTerms.effective_on == values["effective_on"])
    ).one_or_none()
    if terms is None:
        terms = FundTerms(firm_id=actor.firm_id, fund_id=fund_id, **values)
        session.add(terms)
    for name, value in values.items():
        setattr(terms, name, value)
    session.flush()
    return terms


def vehicle_for(
    session: Session, actor: Actor, *, fund_id: int | None, vehicle_id: int | None, lock: bool = False
) -> Vehicle:
    """The vehicle a body names, directly or as the main one of a fund."""
    if vehicle_id is not None:
        return find(session, actor, Vehicle, vehicle_id, noun="vehicle", lock=lock)
    query = visible(actor, Vehicle).where(Vehicle.fund_id == fund_id, Vehicle.kind == "main")
    vehicle = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if vehicle is None:
        raise NotFound("fund")
    return vehicle


def has_facts(session: Session, vehicle_ids: list[int]) -> bool:
    """Whether anything live refers to one of the vehicles."""
    return referenced(session, "vehicle_id", vehicle_ids)


def _refuse_taken_name(session: Session, actor: Actor, name: str) -> None:
    if session.scalar(select(visible(actor, Fund).where(Fund.name_key == name_key(name)).exists())):
        raise FundNameTaken(
            f"There is a fund named {name!r} already.", field="name", mend="Choose another name, or use that fund."
        )
