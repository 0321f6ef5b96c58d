"""FundTally: what a fund's facts come to, kept beside them so that all funds are read at once."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Date, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Owned


class FundTally(Base, Owned):
    """A fund's sums and flows, derived from its facts and therefore without history: whoever doubts it counts again.

    Its id is the fund's. It answers for each day from ``counted_on`` until the day before ``next_on``, the first later
    day of which a fact is recorded (None: there is none). Amounts are whole units of money's last place. ``valued_on``
    None means that the NAV stands at whatever day is asked for. ``net_flows`` and ``gross_flows`` are netted by day
    and packed (see :mod:`vestry.performance.tallies`). A fund without a tally is computed from its facts.
    """

    __tablename__ = "fund_tally"
    AUDITED = False

    id: Mapped[int] = mapped_column(BigInteger, ForeignKey("fund.id"), primary_key=True, autoincrement=False)
    counted_on: Mapped[date] = mapped_column(Date)
    next_on: Mapped[date | None] = mapped_column(Date)
    committed: Mapped[int] = mapped_column(BigInteger)
    called: Mapped[int] = mapped_column(BigInteger)
    called_inside: Mapped[int] = mapped_column(BigInteger)
    paid_in: Mapped[int] = mapped_column(BigInteger)
    distributed: Mapped[int] = mapped_column(BigInteger)
    recallable: Mapped[int] = mapped_column(BigInteger)
    nav: Mapped[int | None] = mapped_column(BigInteger)
    nav_basis: Mapped[str] = mapped_column(String(20))
    nav_reason: Mapped[str | None] = mapped_column(String(40))
    valued_on: Mapped[date | None] = mapped_column(Date)
    before_carry: Mapped[bool]
    fair_value: Mapped[int | None] = mapped_column(BigInteger)
    cash: Mapped[int | None] = mapped_column(BigInteger)
    liabilities: Mapped[int | None] = mapped_column(BigInteger)
    accrued_carry: Mapped[int | None] = mapped_column(BigInteger)
    has_openings: Mapped[bool]
    invested: Mapped[int] = mapped_column(BigInteger)
    realised: Mapped[int] = mapped_column(BigInteger)
    held_value: Mapped[int | None] = mapped_column(BigInteger)
    held_reason: Mapped[str | None] = mapped_column(String(40))
    at_cost: Mapped[int] = mapped_column(Integer)
    net_flows: Mapped[bytes] = mapped_column(LargeBinary)
    gross_flows: Mapped[bytes] = mapped_column(LargeBinary)
