"""Which versions of facts a company's cohorts are computed from: equal stamps mean equal cash flows."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, ScalarSelect, String, bindparam, cast, func, select
from sqlalchemy.engine import Dialect

from vestry.cohorts.cashflows.books import FIELDS
from vestry.cohorts.payments.rollup import ENTRY
from vestry.cohorts.rounds.models import MonthlyRound, RoundStatement, RoundTransfer
from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.model import Fact, table_of
from vestry.core.statements import Bound, Prepared
from vestry.identity.access import of_firm

COMPANY: Final = table_of(Company)
MADE_FROM: Final[tuple[type[Fact], ...]] = (*FIELDS, MonthlyRound, RoundTransfer, RoundStatement)


def _live(model: type[Fact]) -> ScalarSelect[Any]:
    """Each live fact with its version. A version's content never changes, and a voided fact does not come back."""
    known = table_of(model).alias()
    text = cast(known.c.id, String).concat(".").concat(cast(known.c.version, String))
    live = (known.c.company_id == COMPANY.c.id, known.c.firm_id == COMPANY.c.firm_id, known.c.voided_at.is_(None))
    return select(func.aggregate_strings(text, " ")).where(*live).correlate(COMPANY).scalar_subquery()


def _newest() -> ScalarSelect[Any]:
    """The newest act that recorded, corrected or took back payments; whoever enters one has locked the company."""
    return select(func.max(ENTRY.c.id)).where(ENTRY.c.company_id == COMPANY.c.id).correlate(COMPANY).scalar_subquery()


_STAMP: Final = Prepared(
    select(COMPANY.c.version, _newest(), *map(_live, MADE_FROM)).where(
        of_firm(bindparam("firm", type_=BigInteger), COMPANY),
        COMPANY.c.id == bindparam("company", type_=BigInteger),
        COMPANY.c.archived_at.is_(None),
    )
)


def stamp_of(dialect: Dialect, actor: Actor, company_id: int) -> Bound:
    """The SELECT of the stamp, for whoever sees the whole firm; no row where the company is not to be seen."""
    return _STAMP.again(dialect, firm=actor.firm_id, company=company_id)
