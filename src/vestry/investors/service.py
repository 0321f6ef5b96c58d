"""Every change to investors."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.errors import Conflict
from vestry.core.fields import name_key
from vestry.core.versions import expect_version
from vestry.identity.access import find, require, visible
from vestry.investors.models import Investor


class InvestorNameTaken(Conflict):
    """The firm has a live investor of that name."""


class InvestorHasHistory(Conflict):
    """Something is recorded for the investor, so it cannot be taken away."""


def create_investor(session: Session, actor: Actor, **values: Any) -> Investor:
    """An investor of the firm."""
    require(actor, "investor.create")
    _refuse_taken_name(session, actor, values["name"])
    investor = Investor(firm_id=actor.firm_id, name_key=name_key(values["name"]), **values)
    session.add(investor)
    session.flush()
    return investor


def update_investor(
    session: Session, actor: Actor, investor_id: int, *, version: int | None, **values: Any
) -> Investor:
    """Replace an investor's fields."""
    require(actor, "investor.change")
    investor = find(session, actor, Investor, investor_id, noun="investor", lock=True)
    expect_version(investor, version)
    key = name_key(values["name"])
    if key != investor.name_key:
        _refuse_taken_name(session, actor, values["name"])
    for name, value in (values | {"name_key": key}).items():
        setattr(investor, name, value)
    session.flush()
    return investor


def archive_investor(session: Session, actor: Actor, investor_id: int) -> None:
    """Take away an investor for whom nothing is recorded."""
    require(actor, "investor.change")
    investor = find(session, actor, Investor, investor_id, noun="investor", lock=True)
    for table in Investor.metadata.tables.values():
        column = table.c.get("investor_id")
        if column is None or table.name.endswith("_history"):
            continue
        if session.scalar(select(exists().where(column == investor_id, table.c.voided_at.is_(None)))):
            raise InvestorHasHistory(
                f"{investor.name} has recorded commitments or flows.",
                mend="Void what was recorded by mistake first; what is true stays in the books.",
            )
    investor.archived_at = session.info["now"]


def _refuse_taken_name(session: Session, actor: Actor, name: str) -> None:
    if session.scalar(select(visible(actor, Investor).where(Investor.name_key == name_key(name)).exists())):
        raise InvestorNameTaken(
            f"There is an investor named {name!r} already.", field="name", mend="Choose another name."
        )
