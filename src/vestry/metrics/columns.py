"""Reported figures by the column: half a million of them are read, converted and written as text without an object for
each, and come out as the same exact decimals that one by one would.

The database hands over each column in one piece (a text on SQLite, COPY on PostgreSQL). Amounts stay whole units of
their last place. A product with an exchange rate is taken in floating point only to see to which unit it rounds, and
only where its error cannot reach the next tie; the others are multiplied as decimals.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Integer, Numeric, Select, Text, cast, func, literal_column, select, type_coerce
from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.history import as_known
from vestry.core.model import table_of
from vestry.core.statements import Bound, bound
from vestry.core.types import FRACTION_SCALE, MONEY_SCALE
from vestry.identity.access import theirs
from vestry.metrics.book import PARTS
from vestry.metrics.models import MetricValue
from vestry.metrics.periods import MONTHS, Kind

NAMED_MAX: Final = 200  # companies that a statement names; with more of them all of the firm's values are read
COUNTED_MAX: Final = 10_000_000  # numbers below are told apart by counting, larger ones by sorting
SCANNED_FROM: Final = 3  # one in so many of all companies: from then on SQLite reads the whole table
PIECES: Final = 8  # in which SQLite reads the whole table, of at least so many rows each:
PIECE_MIN: Final = 50_000
NO_CURRENCY: Final = "---"
KINDS: Final[dict[str, Kind]] = {kind[0]: kind for kind in MONTHS}  # no two begin with the same letter
WORDS: Final = ("metric", "kind", "currency")
_FULL: Final = Context(prec=34)
_SURE: Final = 2.0**50  # beyond so many units a float does not tell one from the next
_ERROR: Final = 2.0**-50  # the relative error of a product of two rounded numbers, with room to spare
_DAY: Final = len("2024-12-31,")
Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Figures:
    """Values column by column. ``end``: the counted month a period ends with; ``units``: whole units of the last place
    of money, or of a fraction. ``company`` is a place in ``ids``; ``metric``, ``kind`` and ``currency`` are places of
    the words in ``words``."""

    end: Int64s
    units: Int64s
    company: Int64s
    metric: Int64s
    kind: Int64s
    currency: Int64s
    ids: list[int]
    words: dict[str, list[str]]

    def where(self, rows: NDArray[Any]) -> Figures:
        """Some of the rows: a mask or their places."""
        places = (self.company[rows], self.metric[rows], self.kind[rows], self.currency[rows])
        return Figures(self.end[rows], self.units[rows], *places, self.ids, self.words)

    def rows(self) -> Iterator[tuple[str, str, int, str | None, int]]:
        """Metric, kind, last month, currency and units, one row after the other."""
        metrics, kinds, currencies = (self.words[name] for name in WORDS)
        said = [None if code == NO_CURRENCY else code for code in currencies]
        columns = (self.metric, self.kind, self.end, self.currency, self.units)
        for metric, kind, end, currency, units in zip(*(column.tolist() for column in columns), strict=True):
            yield metrics[metric], kinds[kind], end, said[currency], units

    def is_word(self, name: str, those: Collection[str]) -> NDArray[np.bool_]:
        """Whether a row's word is one of those."""
        column: Int64s = getattr(self, name)
        found: NDArray[np.bool_] = np.array([word in those for word in self.words[name]], dtype=np.bool_)[column]
        return found


def read(
    session: Session, actor: Actor, ids: Collection[int], kind: Kind, scenario: str, known_at: datetime | None
) -> Figures:
    """The values of these companies, of periods of a kind and of the shorter ones it may be made of."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    table = table_of(MetricValue)
    scans = sqlite and known_at is None and SCANNED_FROM * len(ids) >= _count(session)
    known = table if scans else as_known(MetricValue, known_at)
    of_kinds = known.c.period_kind.in_((kind, *PARTS[kind]))
    conditions = [theirs(actor, known), known.c.scenario == scenario]
    if scans:  # said so that no index answers it: reading the table by its index takes twice as long as reading it all
        conditions.append(func.coalesce(type_coerce(table.c.voided_at, Text), "") == "")
    elif len(ids) <= NAMED_MAX:
        conditions.append(known.c.company_id.in_(ids))
    found = None
    if scans and not _has_parts(session, actor, scenario, kind):
        found = _scanned(session, known.c, [*conditions, known.c.period_kind == kind], kind)
    if found is None:
        found = (_from_sqlite if sqlite else _from_postgres)(session, known.c, [*conditions, of_kinds])
    if scans or len(ids) > NAMED_MAX:
        wanted = set(ids)
        among = np.array([one in wanted for one in found.ids], dtype=np.bool_)
        found = found if among.all() else found.where(among[found.company])
    return found


def _count(session: Session) -> int:
    """How many companies there are, of whatever firm."""
    return session.scalar(select(func.count()).select_from(table_of(Company))) or 0


def _has_parts(session: Session, actor: Actor, scenario: str, kind: Kind) -> bool:
    """Whether any company reported for shorter periods too; the index of their natural key answers."""
    table = table_of(MetricValue)
    shorter = select(table.c.id).where(
        table.c.company_id.in_(select(Company.id).where(theirs(actor, Company))),
        table.c.scenario == scenario,
        table.c.period_kind.in_(PARTS[kind]),
        table.c.voided_at.is_(None),
        theirs(actor, MetricValue),
    )
    return bool(PARTS[kind]) and session.scalar(select(shorter.exists())) is True


def _scanned(session: Session, columns: Any, conditions: Sequence[Any], kind: Kind) -> Figures | None:
    """The whole table as four texts instead of six, a sixth faster: for the firm whose values are all of one kind, else
    None. One piece is taken apart here while SQLite, which lets go of the interpreter, puts the next one together."""
    last = session.scalar(select(func.max(columns.id))) or 0
    each = max(PIECE_MIN, -(-last // PIECES))
    pieces = [range(first, first + each) for first in range(1, last + 1, each)]
    queries = [_of_piece(columns, [*conditions, columns.id.between(one.start, one.stop - 1)]) for one in pieces]
    with ThreadPoolExecutor(1) as reader:
        ask = _asking(session)
        rows = [reader.submit(ask, bound(query, session.get_bind().dialect)) for query in queries]
        found = [_piece(row.result(), kind) for row in rows]
    there = [one for one in found if one is not None]
    return _joined(there) if len(there) == len(found) else None


def _of_piece(columns: Any, conditions: Sequence[Any]) -> Select[*tuple[Any, ...]]:
    """Four texts; and company, day and currency of the first row. What stands between two days is the currency of the
    second; that of the first is read beside it."""
    figure = func.coalesce(type_coerce(columns.value, BigInteger), type_coerce(columns.fraction, BigInteger))
    currency = func.coalesce(columns.currency, NO_CURRENCY)
    day = type_coerce(columns.ends_on, Text)
    lists = [func.group_concat(part) for part in (columns.company_id, figure, columns.metric)]
    # A table that no index answers for is read by its ids.
    first = [
        select(one).where(*conditions).order_by(columns.id).limit(1).scalar_subquery()
        for one in (columns.company_id, day, currency)
    ]
    return select(*lists, func.group_concat(day, currency), *first).where(*conditions)


def _piece(row: tuple[Any, ...], kind: Kind) -> Figures | None:
    ids, units, metrics, days, company_id, first_day, code = row
    if not ids:
        none = np.empty(0, dtype=np.int64)
        return Figures(none, none, none, none, none, none, [], {name: [] for name in WORDS})
    if not f"{ids},".startswith(f"{company_id},") or not days.startswith(first_day):
        return None
    metric, words = _split(metrics)
    letters = _bytes(f"{code}{days}", _DAY - 1 + len(NO_CURRENCY), ends="")
    money, codes = _coded(letters[:, : len(NO_CURRENCY)])
    company, different = _companies(_integers(ids))
    named: dict[str, list[str]] = {"metric": words, "kind": [kind], "currency": codes}
    months = _months_of(letters[:, len(NO_CURRENCY) :])
    return Figures(months, _integers(units), company, metric, np.zeros_like(metric), money, different, named)


def _joined(pieces: Sequence[Figures]) -> Figures | None:
    """The pieces as one, each word and company once; None of none."""
    if len(pieces) < 2:
        return pieces[0] if pieces else None
    words: dict[str, list[str]] = {}
    columns: dict[str, Int64s] = {}
    for name in WORDS:
        words[name] = sorted({word for one in pieces for word in one.words[name]})
        columns[name] = _placed([(getattr(one, name), one.words[name]) for one in pieces], words[name])
    ids = sorted({company for one in pieces for company in one.ids})
    company = _placed([(one.company, one.ids) for one in pieces], ids)
    ends, units = (np.concatenate([getattr(one, name) for one in pieces]) for name in ("end", "units"))
    return Figures(ends, units, company, **columns, ids=ids, words=words)


def _placed(columns: Sequence[tuple[Int64s, Sequence[Any]]], among: Sequence[Any]) -> Int64s:
    """Columns of places, each in words of its own, one after the other as places ``among`` all words."""
    place = {word: at for at, word in enumerate(among)}
    return np.concatenate([np.array([place[word] for word in own], dtype=np.int64)[column] for column, own in columns])


def _asking(session: Session) -> Callable[[Bound], tuple[Any, ...]]:
    """What gives the one row of a statement, by the driver itself and in whatever thread."""
    driver: Any = session.connection().connection.driver_connection

    def ask(statement: Bound) -> tuple[Any, ...]:
        row: tuple[Any, ...] = driver.execute(statement.text, statement.values).fetchone()
        return row

    return ask


def _one_row(session: Session, query: Select[*tuple[Any, ...]]) -> tuple[Any, ...]:
    return _asking(session)(bound(query, session.get_bind().dialect))


def _split(words: str) -> tuple[Int64s, list[str]]:
    return _numbered(pl.Series([words]).str.split(",").explode() if words else pl.Series([], dtype=pl.String))


def _from_sqlite(session: Session, columns: Any, conditions: Sequence[Any]) -> Figures:
    """Every column as one text: nothing is made of a row but its part of six texts."""
    # All are added to in the same pass, so that what stands at one place is of one row. A NULL would be left out.
    figure = func.coalesce(type_coerce(columns.value, BigInteger), type_coerce(columns.fraction, BigInteger))
    currency = func.coalesce(columns.currency, NO_CURRENCY)
    parts = (columns.company_id, type_coerce(columns.ends_on, Text), figure, columns.metric, currency)
    initial = func.substr(columns.period_kind, 1, 1)
    query = select(*(func.group_concat(part) for part in (*parts, initial))).where(*conditions)
    ids, days, units, metrics, currencies, kinds = (text or "" for text in _one_row(session, query))
    metric, words = _split(metrics)
    kind, initials = _coded(_bytes(kinds, 2)[:, :1])
    money, codes = _coded(_bytes(currencies, 4)[:, :3])
    named: dict[str, list[str]] = {"metric": words, "kind": [KINDS[one] for one in initials], "currency": codes}
    company, different = _companies(_integers(ids))
    return Figures(_months_of(_bytes(days, _DAY)), _integers(units), company, metric, kind, money, different, named)


def _integers(text: str) -> Int64s:
    return np.fromstring(text, dtype=np.int64, sep=",") if text else np.empty(0, dtype=np.int64)


def _coded(letters: NDArray[np.uint8]) -> tuple[Int64s, list[str]]:
    """The number of each word among the different ones, for words of as many letters, one a row."""
    width = letters.shape[1]
    key = np.zeros(len(letters), dtype=np.int64)
    for place in range(width):
        key = key * 128 + letters[:, place]

    def word(number: int) -> str:
        return "".join(chr(number >> 7 * place & 127) for place in reversed(range(width)))

    return grouped(key, word)


def _bytes(text: str, width: int, ends: str = ",") -> NDArray[np.uint8]:
    """A row for each word with what ends it."""
    return np.frombuffer(f"{text}{ends}".encode("ascii") if text else b"", dtype=np.uint8).reshape(-1, width)


def _months_of(digits: NDArray[np.uint8]) -> Int64s:
    """The counted months of days like ``2024-12-31``, one a row, by the place of each digit."""
    worth = {0: 12_000, 1: 1_200, 2: 120, 3: 12, 5: 10, 6: 1}
    months = np.full(len(digits), -1, dtype=np.int64)
    for place, each in worth.items():
        months += (digits[:, place].astype(np.int64) - ord("0")) * each
    return months


def _from_postgres(session: Session, columns: Any, conditions: Sequence[Any]) -> Figures:
    units = [
        cast(cast(column, Numeric) * literal_column(f"1e{scale}"), BigInteger)
        for column, scale in ((columns.value, MONEY_SCALE), (columns.fraction, FRACTION_SCALE))
    ]
    day = columns.ends_on.op("-", return_type=Integer)(literal_column("DATE '1970-01-01'"))
    parts = (columns.company_id, day, func.coalesce(*units))
    query = select(*parts, columns.metric, columns.period_kind, func.coalesce(columns.currency, NO_CURRENCY))
    connection = session.connection()
    statement = bound(query.where(*conditions), connection.dialect)
    driver: Any = connection.connection.driver_connection
    copied = f"COPY ({statement.text}) TO STDOUT (FORMAT csv)"
    with driver.cursor() as cursor, cursor.copy(copied, statement.values) as copy:
        text = b"".join(copy)
    names = ("company_id", "day", "units", *WORDS)
    kinds = [pl.Int64] * 3 + [pl.String] * 3
    schema = dict(zip(names, kinds, strict=True))
    found = pl.read_csv(io.BytesIO(text), has_header=False, schema=schema) if text else pl.DataFrame(schema=schema)
    months = found["day"].to_numpy().astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    numbers, words = {}, {}
    for name in WORDS:
        numbers[name], words[name] = _numbered(found[name])
    company, ids = _companies(found["company_id"].to_numpy())
    return Figures(months, found["units"].to_numpy(), company, **numbers, ids=ids, words=words)


def _companies(ids: Int64s) -> tuple[Int64s, list[int]]:
    """The place of each id among the different ones, and these."""
    if ids.max(initial=0) < COUNTED_MAX:
        return grouped(ids, int)
    different, place = np.unique(ids, return_inverse=True)
    return place, different.tolist()


def _numbered(column: pl.Series) -> tuple[Int64s, list[str]]:
    """The number of each word among the different ones, and these."""
    runs = column.rle().struct.unnest()  # a metric often stands many times in a row
    words = runs["value"].unique().sort().to_list()
    number = runs["value"].cast(pl.Enum(words)).to_physical().to_numpy().astype(np.int64)
    return np.repeat(number, runs["len"].to_numpy()), words


def converted(units: Int64s, which: Int64s, rates: Sequence[Decimal], places: int) -> pl.Series:
    """``units`` × ``rates[which]``, rounded half to even to ``places`` places, as text."""
    factors = [_FULL.scaleb(rate, places) for rate in rates]
    rough = units.astype(np.float64) * np.array([float(one) for one in factors], dtype=np.float64)[which]
    whole = np.rint(rough)
    to_tie = 0.5 - np.abs(rough - whole)
    doubtful = (np.abs(rough) >= _SURE) | (to_tie <= np.abs(rough) * _ERROR)
    found = texts(np.where(doubtful, 0, whole).astype(np.int64), places, places)
    quantum, again = Decimal(1).scaleb(-places), np.flatnonzero(doubtful)
    exact = []
    for at in again.tolist():
        value = _FULL.quantize(_FULL.multiply(Decimal(int(units[at])), rates[int(which[at])]), quantum)
        exact.append(f"{value if value else abs(value):f}")
    return found.scatter(again, exact) if exact else found


def texts(units: Int64s, scale: int, places_min: int) -> pl.Series:
    """Whole units of the last of ``scale`` places as text: no zeros behind the last digit beyond ``places_min``."""
    if scale == 0:
        return pl.Series(units).cast(pl.String)
    each = 10**scale
    whole, rest = np.divmod(np.abs(units), each)
    parts = [pl.Series("whole", whole).cast(pl.String), _places(rest, scale, places_min).alias("places")]
    is_below = units < 0
    if is_below.any():
        signs = pl.Series(["", "-"], dtype=pl.String).gather(is_below.astype(np.int64))
        parts.insert(0, signs.alias("sign"))
    return pl.DataFrame(parts).select(pl.concat_str(pl.all()).alias("text"))["text"]


def _places(rest: Int64s, scale: int, places_min: int) -> pl.Series:
    """What stands behind the whole number: ``.50``, or nothing."""

    def written(number: int) -> str:
        digits = str(number).zfill(scale)
        shown = digits[:places_min] + digits[places_min:].rstrip("0")
        return f".{shown}" if shown else ""

    if scale <= MONEY_SCALE:
        which, found = grouped(rest, written)
    else:
        different, which = np.unique(rest, return_inverse=True)
        found = [written(number) for number in different.tolist()]
    return pl.Series(found, dtype=pl.String).gather(which)


def spread(
    figures: Figures, ends: Int64s, shown: Sequence[tuple[Int64s, pl.Series]]
) -> tuple[list[int], dict[int, dict[str, list[str | None]]]]:
    """The different ``ends`` in order; and company → metric → its text at each of them. ``shown``: rows and their
    texts; a row that is in none has no text."""
    names = figures.words["metric"]
    base = int(ends.min()) if len(ends) else 0
    column, columns = grouped(ends - base, lambda end: end + base)
    line, lines = grouped(figures.company * len(names) + figures.metric, lambda key: divmod(key, len(names)))
    # Where the text of each row stands among all texts, and of which row each cell is; the last text is none.
    missing = sum(len(rows) for rows, _ in shown)
    place = np.full(len(ends), missing, dtype=np.int64)
    if missing:
        place[np.concatenate([rows for rows, _ in shown])] = np.arange(missing)
    cells = np.full(len(lines) * len(columns), missing, dtype=np.int64)
    cells[line * len(columns) + column] = place
    every = pl.concat([*(texts for _, texts in shown), pl.Series([None], dtype=pl.String)], rechunk=True)
    table = every.gather(cells).reshape((len(lines), len(columns))).to_list() if lines else []
    tables: dict[int, dict[str, list[str | None]]] = {}
    for (company, metric), line_texts in zip(lines, table, strict=True):
        tables.setdefault(figures.ids[company], {})[names[metric]] = line_texts
    return columns, tables


def grouped(keys: Int64s, make: Callable[[int], Any]) -> tuple[Int64s, list[Any]]:
    """For each row which of the different keys is its own, and what is made of each of these. Keys are small and not
    negative: they are counted, not sorted."""
    if not len(keys):
        return keys, []
    there = np.flatnonzero(np.bincount(keys))
    place = np.zeros(int(keys.max()) + 1, dtype=np.int64)
    place[there] = np.arange(len(there))
    return place[keys], [make(key) for key in there.tolist()]
