"""The monthly rounds of the demo firm's cohort fund: the newest months, in every state a round can be in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from vestry.cohorts.months import first_day, index_of
from vestry.cohorts.rounds import queries, service
from vestry.cohorts.rounds.models import MonthlyRound
from vestry.core import clock
from vestry.core.actor import Actor

FUNDED_ON: Final = 5  # day of the month
SETTLED_ON: Final = 12  # of the month after
# Company → how far its rounds of the last months came, the month under way last.
REACHED: Final[dict[str, tuple[str, ...]]] = {
    "Quill Ledger": ("settled", "settled", "settled", "planned"),
    "Tideline Fitness": ("settled", "settled", "stated", "approved"),
    "Sable Courses": ("settled", "settled", "in part", "funded"),
    "Marlow Meals": ("settled", "stated", "stated", "declined"),
    "Pavo Apparel": ("settled", "settled", "spent", "funded"),
    "Orchid Care": ("funded",),
}
STAGES: Final = ("planned", "approved", "funded", "spent", "stated", "in part", "settled")


@dataclass(frozen=True, slots=True)
class _Round:
    """A round on its way."""

    session: Session
    actor: Actor
    row: MonthlyRound
    today: date

    def day(self, month: int, day: int) -> date:
        """A day of a counted month, or today where that has not come yet."""
        return min(first_day(month).replace(day=day), self.today)


def load_rounds(session: Session, actor: Actor, company_id: int, name: str, planned: Decimal) -> None:
    """The rounds of one company, the oldest first; none where the story has none. ``planned``: to spend each month."""
    today = clock.today(session)
    reached = REACHED.get(name, ())
    for ago, stage in zip(range(len(reached) - 1, -1, -1), reached, strict=True):
        month = first_day(index_of(today) - ago)
        row = service.plan(session, actor, company_id, month=month, planned_spend=planned)
        _go(_Round(session, actor, row, today), stage)


def _go(one: _Round, stage: str) -> None:
    """Every step up to a stage, as the fund and the company would take them."""
    session, actor, row = one.session, one.actor, one.row
    at = (session, actor, row.company_id, row.id)
    if stage == "declined":
        service.decline(*at, version=row.version, reason="The cohorts since spring fell short of their minimum")
        return
    steps = STAGES[1 : STAGES.index(stage) + 1]
    month = index_of(row.month)
    if "approved" in steps:
        service.approve(session, actor, row.id, company_id=row.company_id, version=row.version)
    if "funded" in steps:
        service.fund(*at, version=row.version, paid_on=one.day(month, FUNDED_ON), amount=None)
    if "spent" in steps:
        spend = queries.spend_of(session, actor, row)
        assert spend is not None
        service.report(*at, version=row.version, spend=spend.spend)
    if "stated" in steps:
        service.issue(*at, version=row.version)
    if "in part" in steps:
        _settle(one, at, Decimal("0.5") if stage == "in part" else Decimal(1))


def _settle(one: _Round, at: tuple[Session, Actor, int, int], part: Decimal) -> None:
    stated = queries.statement_of(one.session, one.actor, one.row)
    assert stated is not None
    amount = (stated.total * part).quantize(Decimal("0.01"))
    if amount > 0:
        paid_on = one.day(index_of(one.row.month) + 1, SETTLED_ON)
        service.settle(*at, version=one.row.version, paid_on=paid_on, amount=amount)
