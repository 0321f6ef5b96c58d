"""Every row of a file checked, and what passed set aside on disk with its customers numbered.

The whole file is looked at before any of it is recorded, so the rows see each other: a customer's first payment may
stand in the last one. Memory holds the customers, and where rows have ids of their own a hash of each; rows do not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from vestry.batches.columns import Reader
from vestry.batches.tables import FAULTS_MAX, Style, Table, fault
from vestry.cohorts.payments.models import REFERENCE_MAX
from vestry.cohorts.uploads.pieces import pieces
from vestry.core.errors import Fault, Invalid
from vestry.core.types import MONEY_SCALE
from vestry.kernel.money import decimals

FIELDS: Final = ("customer_id", "payment_date", "amount", "reference_id", "cohort_month")
NEEDED: Final = FIELDS[:3]
KEPT_FAULTS_MAX: Final = 100_000
PREVIEW_ROWS: Final = 20
HELD_BYTES_MAX: Final = 67_108_864  # checked rows beyond these wait on disk
_SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "customer_id": ("customer id", "customer", "client", "client id", "user id", "account", "account id"),
    "payment_date": ("payment date", "date", "paid on", "day", "transaction date"),
    "amount": ("amount", "payment", "value", "paid"),
    "reference_id": ("reference id", "reference", "transaction id", "payment id"),
    # Never taken at its word: where it differs from the month of the first payment, that is a finding.
    "cohort_month": ("cohort month",),
}
# Ids of printable ASCII need no further look; others are read as names are.
_PLAIN: Final = r"^[!-~](?:[ -~]{0,198}[!-~])?$"
Progress = Callable[[str, int], None]


class ColumnsMissing(Invalid):
    """A field that every payment needs has no column. ``columns`` are the file's, ``mapping`` what was found of it."""

    def __init__(self, columns: list[str], mapping: dict[str, str]) -> None:
        self.columns, self.mapping = columns, mapping
        self.missing = [name for name in NEEDED if name not in mapping]
        super().__init__(
            f"The file has no column for: {', '.join(self.missing)}.",
            mend="Say which column it is (mapping), or give the file one.",
            faults=[Fault(f"mapping.{name}", f"no column of the file is {name}", "missing") for name in self.missing],
        )


class UploadHasErrors(Invalid):
    """At least one row is wrong, so none is recorded. ``every`` has the faults that were kept."""

    def __init__(self, rows: int, bad: int, every: list[Fault]) -> None:
        super().__init__(
            f"{bad:,} of {rows:,} rows are wrong; nothing was recorded.",
            mend="Correct the rows named under errors and upload the file again.",
            faults=every[:FAULTS_MAX],
        )
        self.every = every


@dataclass(slots=True)
class Checked:
    """A file that was looked at whole. ``customers``: ids in the order they were met, their number is their place;
    ``first_months`` the earliest month of each. ``parts``: the checked rows in order, as far as memory bears, and
    from there on where they lie on disk; ``held``: the bytes of those in memory."""

    columns: list[str]
    mapping: dict[str, str]
    folder: Path
    rows: int = 0
    bad: int = 0
    faults: list[Fault] = field(default_factory=list)
    first_months: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    parts: list[pl.DataFrame | Path] = field(default_factory=list)
    held: int = 0
    references: bool = False
    total: int = 0
    days: tuple[date, date] | None = None
    sample: list[dict[str, Any]] = field(default_factory=list)
    sha256: str = ""
    byte_count: int = 0
    customers: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={"customer": pl.String, "code": pl.Int64})
    )

    def refuse_if_bad(self) -> None:
        """Refuse the file when a row of it is wrong."""
        if self.bad:
            raise UploadHasErrors(self.rows, self.bad, self.faults)

    def read(self) -> Iterator[pl.DataFrame]:
        """The checked rows, part by part: row, code, paid_on, units, reference, stated (the cohort the file says)."""
        for part in self.parts:
            yield part if isinstance(part, pl.DataFrame) else pl.read_ipc(part)

    def keep(self, rows: pl.DataFrame) -> None:
        """Set a part aside."""
        size = int(rows.estimated_size())
        if self.held + size <= HELD_BYTES_MAX:
            self.parts.append(rows)
            self.held += size
            return
        path = self.folder / f"{len(self.parts):06d}.arrow"
        rows.write_ipc(path, compression="uncompressed")
        self.parts.append(path)

    def add_faults(self, faults: Iterable[Fault], rows: int) -> None:
        """Note what is wrong, up to a number that memory bears."""
        self.bad += rows
        for one in faults:
            if len(self.faults) >= KEPT_FAULTS_MAX:
                return
            self.faults.append(one)


def check(
    file: IO[bytes],
    filename: str,
    *,
    currency: str,
    today: date,
    folder: Path,
    mapping: Mapping[str, str] | None = None,
    style: Style | None = None,
    progress: Progress | None = None,
) -> Checked:
    """Look at every row of a file, and set aside what can be recorded."""
    chosen = style or Style()
    checked: Checked | None = None
    for table in pieces(file, filename, chosen):
        if checked is None:
            columns = table.frame.columns
            checked = Checked(columns, _mapping(columns, mapping), folder)
        _look(checked, table, chosen, currency, today)
        if progress:
            progress("checked", checked.rows)
    assert checked is not None, "a file without a table was refused"
    _twice(checked)
    checked.sha256, checked.byte_count = digest_of(file)
    return checked


def suggested(columns: list[str]) -> dict[str, str]:
    """Field → the column whose heading says so."""
    plain = {" ".join(name.lower().replace("_", " ").replace("-", " ").split()): name for name in columns}
    found = {name: next((plain[word] for word in words if word in plain), None) for name, words in _SYNONYMS.items()}
    return {name: column for name, column in found.items() if column is not None}


def _mapping(columns: list[str], given: Mapping[str, str] | None) -> dict[str, str]:
    # An empty name leaves a suggested column out.
    chosen = {name: column for name, column in (suggested(columns) | dict(given or {})).items() if column}
    for name, column in chosen.items():
        if name not in FIELDS:
            raise Invalid(f"There is no field {name!r}.", field=f"mapping.{name}", mend=f"One of: {', '.join(FIELDS)}.")
        if column not in columns:
            raise Invalid(f"The file has no column {column!r}.", field=f"mapping.{name}")
    if any(name not in chosen for name in NEEDED):
        raise ColumnsMissing(columns, chosen)
    return chosen


def _look(checked: Checked, table: Table, style: Style, currency: str, today: date) -> None:
    reader = Reader(table, checked.mapping, style)
    customer = _ids(reader, "customer_id", required=True)
    day = reader.days("payment_date")
    reader.refuse("payment_date", day > today, f"is in the future; today is {today}")
    units = reader.numbers("amount", MONEY_SCALE)
    places = decimals(currency)
    reader.refuse("amount", units % 10 ** (MONEY_SCALE - places) != 0, f"has more decimals than {currency} ({places})")
    reference = _ids(reader, "reference_id", required=False)
    checked.rows += table.frame.height
    checked.add_faults(reader.faults, int(reader.bad.sum()))
    frame = pl.DataFrame({"row": table.rows, "customer": customer, "paid_on": day, "units": units}).with_columns(
        reference.alias("reference"), _stated(reader)
    )
    if len(checked.sample) < PREVIEW_ROWS:
        checked.sample += frame.head(PREVIEW_ROWS - len(checked.sample)).to_dicts()
    if checked.bad or frame.is_empty():
        return
    checked.references |= reference.null_count() < frame.height
    _set_aside(checked, frame)


def _set_aside(checked: Checked, frame: pl.DataFrame) -> None:
    month = pl.col("paid_on").dt.year().cast(pl.Int64) * 12 + pl.col("paid_on").dt.month().cast(pl.Int64) - 1
    firsts = frame.group_by("customer", maintain_order=True).agg(month.min().alias("first"))
    firsts = firsts.join(checked.customers, on="customer", how="left", maintain_order="left")
    met = len(checked.customers)
    new = firsts.filter(pl.col("code").is_null()).select("customer")
    fresh = new.with_columns(pl.int_range(met, met + len(new), dtype=pl.Int64).alias("code"))
    checked.customers = pl.concat([checked.customers, fresh], rechunk=False)
    firsts = firsts.drop("code").join(checked.customers, on="customer", how="left", maintain_order="left")
    grown = np.full(len(checked.customers), np.iinfo(np.int64).max)
    grown[:met] = checked.first_months
    codes = firsts["code"].to_numpy()
    grown[codes] = np.minimum(grown[codes], firsts["first"].to_numpy())
    checked.first_months = grown
    coded = frame.join(firsts.select("customer", "code"), on="customer", how="left", maintain_order="left")
    lowest, highest = frame["paid_on"].min(), frame["paid_on"].max()
    assert isinstance(lowest, date)
    assert isinstance(highest, date)
    known = checked.days or (lowest, highest)
    checked.days = min(known[0], lowest), max(known[1], highest)
    checked.total += sum(int(part.sum()) for part in frame["units"].cast(pl.Int128).to_frame().get_columns())
    checked.keep(coded.select("row", "code", "paid_on", "units", "reference", "stated"))


def _stated(reader: Reader) -> pl.Series:
    """The counted cohort month that the file says; null where it says none."""
    if not reader.has("cohort_month"):
        return pl.repeat(None, reader.height, dtype=pl.Int64, eager=True).alias("stated")
    days = reader.text("cohort_month").str.to_date("%Y-%m-%d", strict=False)
    return (days.dt.year().cast(pl.Int64) * 12 + days.dt.month().cast(pl.Int64) - 1).alias("stated")


def _ids(reader: Reader, name: str, *, required: bool) -> pl.Series:
    if not required and not reader.has(name):
        return pl.repeat(None, reader.height, dtype=pl.String, eager=True).alias(name)
    cells = reader.required(name) if required else reader.text(name)
    reader.refuse(name, cells.str.len_chars() > REFERENCE_MAX, f"has more than {REFERENCE_MAX} characters")
    odd = ~cells.str.contains(_PLAIN) & (cells != "") & (cells.str.len_chars() <= REFERENCE_MAX)
    if odd.any():
        narrowed = Reader(
            Table(reader.table.name, reader.table.frame.filter(odd), reader.table.rows.filter(odd), {}),
            reader.mapping,
            reader.style,
        )
        clean = narrowed.names(name)
        reader.faults += narrowed.faults
        places = odd.arg_true()
        reader.bad = reader.bad.scatter(places.filter(narrowed.bad), True)
        cells = cells.clone().scatter(places, clean)
    return pl.select(pl.when(cells != "").then(cells)).to_series()


def _twice(checked: Checked) -> None:
    """Rows of one reference id: the same payment twice counts once, two payments under one id are refused."""
    if not checked.references or checked.bad:
        return
    hashes = np.concatenate([part["reference"].hash(0).to_numpy()[_there(part)] for part in checked.read()])
    hashes.sort()
    repeated = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    if not len(repeated):
        return
    wanted = pl.Series(repeated)
    found = pl.concat(
        [
            part.filter(pl.col("reference").is_not_null() & part["reference"].hash(0).is_in(wanted))
            for part in checked.read()
        ]
    )
    first = found.group_by("reference", maintain_order=True).agg(pl.all().first())
    later = found.join(first, on="reference", suffix="_first", maintain_order="left").filter(
        pl.col("row") != pl.col("row_first")
    )
    same = (
        (pl.col("code") == pl.col("code_first"))
        & (pl.col("paid_on") == pl.col("paid_on_first"))
        & (pl.col("units") == pl.col("units_first"))
    )
    checked.add_faults(
        (
            fault(row, checked.mapping["reference_id"], reference, f"is the id of another payment, in row {first_row}")
            for row, reference, first_row in later.filter(~same).select("row", "reference", "row_first").iter_rows()
        ),
        later.filter(~same).height,
    )
    leave_out(checked, later.filter(same)["row"])


def leave_out(checked: Checked, rows: pl.Series) -> int:
    """Drop rows that are recorded already, or stood in the file before; returns how many."""
    if not len(rows):
        return 0
    gone = rows.implode()
    for place, part in enumerate(checked.parts):
        frame = part if isinstance(part, pl.DataFrame) else pl.read_ipc(part)
        if not frame["row"].is_in(gone).any():
            continue
        left = frame.filter(~pl.col("row").is_in(gone))
        if isinstance(part, pl.DataFrame):
            checked.parts[place] = left
        else:
            left.write_ipc(part, compression="uncompressed")
    return len(rows)


def _there(part: pl.DataFrame) -> npt.NDArray[np.bool_]:
    return part["reference"].is_not_null().to_numpy()


def digest_of(file: IO[bytes]) -> tuple[str, int]:
    """The SHA-256 of a file's bytes, and how many they are."""
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while block := file.read(1_048_576):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size
