"""Every SELECT about exchange rates, limited to what the actor may see."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.history import as_known
from vestry.core.paging import sort_of
from vestry.identity.access import of_firm, theirs
from vestry.market.models import FxRate, ReferenceRate
from vestry.market.rates import FxRates, OwnRate
from vestry.market.reference import BASE, SOURCE, STALE_AFTER, Reference

FIELDS = (
    "id",
    "kind",
    "base",
    "quote",
    "starts_on",
    "ends_on",
    "rate",
    "source",
    "memo",
    "version",
    "recorded_at",
)
SORTS = ("starts_on", "base", "quote", "kind")
KEPT = 8  # states of what was fetched whose tables are remembered

_kept: OrderedDict[tuple[object, ...], Reference] = OrderedDict()


def reference(session: Session, known_at: datetime | None = None) -> Reference:
    """The reference rates as they were known at an instant (None: now).

    The packaged history counts as known from its own days on. Shared between requests until something new is fetched.
    """
    newest, latest = session.execute(select(func.max(ReferenceRate.id), func.max(ReferenceRate.known_from))).one()
    is_past = known_at is not None and latest is not None and known_at < latest
    address = "" if newest is None else session.get_bind().engine.url.render_as_string()
    key = (address, newest, latest, known_at if is_past else None)
    found = _kept.get(key)
    if found is None:
        found = _kept[key] = Reference(_fetched(session, known_at if is_past else None) if newest else None)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def _fetched(session: Session, known_at: datetime | None) -> dict[str, dict[date, Decimal]]:
    query = select(ReferenceRate.currency, ReferenceRate.published_on, ReferenceRate.rate)
    if known_at is not None:
        query = query.where(ReferenceRate.known_from <= known_at)
    found: dict[str, dict[date, Decimal]] = {}
    for currency, day, rate in session.execute(query.order_by(ReferenceRate.known_from, ReferenceRate.id)):
        found.setdefault(currency, {})[day] = rate
    return found


def fx_rates(session: Session, actor: Actor, *, known_at: datetime | None = None) -> FxRates:
    """The rates with which the actor's firm converts, as they were known at an instant (None: now); three statements.

    They are the firm's whatever part of it the actor sees, so that a figure is the same for everybody.
    """
    known = as_known(FxRate, known_at)
    own = session.execute(select(*(known.c[name] for name in OwnRate._fields)).where(of_firm(actor.firm_id, known)))
    return FxRates(reference(session, known_at), [OwnRate._make(row) for row in own])


def currencies(session: Session) -> dict[str, Any]:
    """The currencies that were ever published, and how recent the newest rates are today."""
    known, today = reference(session), clock.today(session)
    newest = known.newest_day()
    items: list[dict[str, Any]] = []
    for code in known.currencies:
        days = known.days(code)
        first, last = (days[0].item(), days[-1].item()) if len(days) else (None, None)
        is_current = last is None or (newest - last).days <= STALE_AFTER
        items.append({"code": code, "first_on": first, "last_on": last, "is_current": is_current})
    return {
        "source": SOURCE,
        "today": today,
        "newest_on": newest,
        "stale": (today - newest).days > STALE_AFTER,
        "fetched_at": session.scalar(select(func.max(ReferenceRate.known_from))),
        "items": items,
    }


def own_rates(session: Session, actor: Actor, known_at: datetime | None) -> list[dict[str, Any]]:
    """The rates the firm recorded, as they were known."""
    known = as_known(FxRate, known_at)
    found = session.execute(select(*(known.c[name] for name in FIELDS)).where(theirs(actor, known)))
    return [dict(row) for row in found.mappings()]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of rates is limited to."""

    kind: str | None = None
    base: str | None = None
    quote: str | None = None
    start: date | None = None
    end: date | None = None
    q: str | None = None

    def takes(self, row: dict[str, Any]) -> bool:
        """Whether one of the firm's own rates is wanted."""
        said = f"{row['base']} {row['quote']} {row['source'] or ''}".casefold()
        return (
            self.kind in (None, row["kind"])
            and self.base in (None, row["base"])
            and self.quote in (None, row["quote"])
            and (self.start is None or row["starts_on"] >= self.start)
            and (self.end is None or row["starts_on"] <= self.end)
            and (self.q is None or self.q.casefold() in said)
        )

    def currencies(self, reference: Reference) -> list[str]:
        """The currencies whose published rates are wanted."""
        if self.kind not in (None, "reference") or self.base not in (None, BASE):
            return []
        codes = [code for code in reference.currencies if code != BASE and self.quote in (None, code)]
        return [code for code in codes if self.q is None or self.q.casefold() in f"{BASE} {code} {SOURCE}".casefold()]


class RateList(Sequence[dict[str, Any]]):
    """Published and own rates in order, put together only for the part that is shown: there are 200,000 of them."""

    def __init__(self, reference: Reference, own: Sequence[dict[str, Any]], wanted: Wanted, sort: str | None) -> None:
        self._reference = reference
        self._own = [row for row in own if wanted.takes(row)]
        self._codes = wanted.currencies(reference)
        days = [_within(reference.days(code), wanted) for code in self._codes]
        numbers = [np.full(len(one), place, dtype=np.int64) for place, one in enumerate(days)]
        own_days = np.array([row["starts_on"] for row in self._own], dtype="datetime64[D]")
        self._days = np.concatenate([own_days, *days])
        # Own rates are numbered below 0, published ones by their currency's place.
        self._which = np.concatenate([-1 - np.arange(len(self._own), dtype=np.int64), *numbers])
        self._order = self._sorted(sort or "-starts_on")

    def _sorted(self, sort: str) -> NDArray[np.int64]:
        descends, name = sort_of(sort, SORTS)
        newest_first = -self._days.astype(np.int64)
        if name == "starts_on":
            keys: list[NDArray[Any]] = [newest_first if descends else -newest_first]
        else:
            published = {"base": [BASE] * len(self._codes), "kind": ["reference"] * len(self._codes)}
            said = [*published.get(name, self._codes), *(row[name] for row in reversed(self._own))]
            ranks = np.unique(np.array(said, dtype=np.str_), return_inverse=True)[1].astype(np.int64)
            rank = ranks[self._which] if len(self._which) else self._which
            keys = [newest_first, -rank if descends else rank]
        order: NDArray[np.int64] = np.lexsort([self._which, *keys])
        return order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, part: Any) -> Any:
        if not isinstance(part, slice):
            return self._row(int(self._order[part]))
        return [self._row(int(place)) for place in self._order[part]]

    def _row(self, place: int) -> dict[str, Any]:
        which = int(self._which[place])
        if which < 0:
            return self._own[-1 - which]
        code, day = self._codes[which], self._days[place].item()
        nothing = dict.fromkeys(("id", "ends_on", "memo", "version", "recorded_at"))
        rate = self._reference.one(code, day)
        return nothing | {
            "kind": "reference", "base": BASE, "quote": code, "starts_on": day, "rate": rate, "source": SOURCE,
        }  # fmt: skip


def _within(days: NDArray[np.datetime64], wanted: Wanted) -> NDArray[np.datetime64]:
    first = 0 if wanted.start is None else int(np.searchsorted(days, np.datetime64(wanted.start)))
    last = len(days) if wanted.end is None else int(np.searchsorted(days, np.datetime64(wanted.end), "right"))
    return days[first:last]
