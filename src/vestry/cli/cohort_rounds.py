"""``vestry cohorts rounds`` and ``vestry cohorts statement``: the months between fund and company."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from vestry.cli import local
from vestry.cli.cohort_files import company_of
from vestry.cohorts.months import read_month
from vestry.cohorts.rounds import figures, queries
from vestry.cohorts.rounds.documents.contents import contents
from vestry.cohorts.rounds.documents.pdf import as_pdf
from vestry.cohorts.rounds.documents.xlsx import as_xlsx
from vestry.cohorts.rounds.models import MonthlyRound
from vestry.core import trail
from vestry.core.actor import Actor
from vestry.core.errors import Invalid, NotFound
from vestry.core.fields import decimal_text
from vestry.core.listing import paginate
from vestry.core.paging import Page
from vestry.identity.access import visible

SHOWN = ("month", "state", "planned_spend", "actual_spend", "funded", "owed", "settled", "balance")
MONTHS_SHOWN = 1000
FILES = {".pdf": as_pdf, ".xlsx": as_xlsx}


def rounds(arguments: Namespace) -> int:
    """Print a line a month: where it stands, and what was planned, paid, owed and settled."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.reading(actor) as session:
            found = queries.list_rounds(session, actor, company_of(session, actor, arguments.company))
            items = paginate(session, found, Page(MONTHS_SHOWN, None, "month", None))["items"]
    print("\t".join(SHOWN))
    for item in items:
        print("\t".join(_text(item[name]) for name in SHOWN))
    return 0


def statement(arguments: Namespace) -> int:
    """Write the statement of a month to a .pdf or .xlsx file."""
    target = Path(arguments.output)
    if target.suffix not in FILES:
        raise Invalid(f"{target.name} is neither a .pdf nor a .xlsx file.", mend="Name one of them.")
    try:
        month = read_month(arguments.month)
    except ValueError as error:
        raise Invalid(f"{arguments.month!r} {error}.", mend="Write YYYY-MM.") from None
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.reading(actor) as session:
            company_id = company_of(session, actor, arguments.company)
            row = _round(session, actor, company_id, month)
            standing = figures.standing(session, actor, company_id, row.id)
            made = contents(session, actor, standing, arguments.side)
        database.witness(actor, trail.Event("export", "company", company_id, note=target.name))
        target.write_bytes(FILES[target.suffix](made))
    return 0


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return decimal_text(value, 2)
    return "" if value is None else str(value)


def _round(session: Session, actor: Actor, company_id: int, month: date) -> MonthlyRound:
    query = visible(actor, MonthlyRound).where(MonthlyRound.company_id == company_id, MonthlyRound.month == month)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"round of {month:%Y-%m}")
    return found
