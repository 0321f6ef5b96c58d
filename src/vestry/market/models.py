"""ReferenceRate: what the ECB published after the history the package brings. FxRate: a firm's own rate."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import CheckConstraint, Date, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Fact, Identified
from vestry.core.types import FxRate as Rate
from vestry.core.types import UtcDateTime

RATE_KINDS = ("manual", "contractual")


class ReferenceRate(Base, Identified):
    """Units of ``currency`` for one euro, as the ECB published them; the same for every firm.

    Rows are only added. ``known_from`` is when we fetched it: a later row for the same day is a correction, and what
    was known before it stays known.
    """

    __tablename__ = "reference_rate"
    __table_args__ = (
        CheckConstraint("rate > 0", name="rate"),
        Index("uq_reference_rate_currency_day_known", "currency", "published_on", "known_from", unique=True),
    )
    AUDITED: ClassVar[bool] = False  # nobody's decision, and of no firm

    currency: Mapped[str] = mapped_column(String(3))
    published_on: Mapped[date] = mapped_column(Date)
    rate: Mapped[Decimal] = mapped_column(Rate)
    known_from: Mapped[datetime] = mapped_column(UtcDateTime)


class FxRate(Base, Fact):
    """Units of ``quote`` for one ``base``, recorded by the firm.

    ``manual``: the rate of a day, ``starts_on``; it stands before the published one of that day and is carried on like
    one. ``contractual``: agreed for the days from ``starts_on`` to ``ends_on`` (None: without end), and used only where
    it is asked for. ``pair`` names both currencies in the order of the alphabet.
    """

    __tablename__ = "fx_rate"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(map(repr, RATE_KINDS))})", name="kind"),
        CheckConstraint("rate > 0", name="rate"),
        CheckConstraint("base <> quote", name="pair"),
        CheckConstraint("ends_on IS NULL OR (kind = 'contractual' AND ends_on >= starts_on)", name="days"),
        Index("ix_fx_rate_firm_id_pair", "firm_id", "pair"),
        Index(
            "uq_fx_rate_manual_day",
            "firm_id",
            "pair",
            "starts_on",
            unique=True,
            sqlite_where=text("kind = 'manual' AND voided_at IS NULL"),
            postgresql_where=text("kind = 'manual' AND voided_at IS NULL"),
        ),
    )

    kind: Mapped[str] = mapped_column(String(12))
    base: Mapped[str] = mapped_column(String(3))
    quote: Mapped[str] = mapped_column(String(3))
    pair: Mapped[str] = mapped_column(String(7))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    rate: Mapped[Decimal] = mapped_column(Rate)
    source: Mapped[str | None] = mapped_column(String(200))
    memo: Mapped[str | None] = mapped_column(Text)


def pair_of(one: str, other: str) -> str:
    """Both currencies in the order of the alphabet: ``CAD/USD``, whichever is the base."""
    return "/".join(sorted((one, other)))
