"""The trail of a database against itself, its key, and the heads kept outside; and as a file for somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.audit import chain, keys
from vestry.audit.models import AuditHead, AuditRow
from vestry.audit.recording import instant

_ROW = AuditRow.__table__
FAULTS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying one firm's chain found; no faults: it is whole."""

    firm_id: int
    chain: str
    rows: int
    faults: list[str]


def verify(session: Session, firm_id: int, heads: Sequence[Mapping[str, Any]]) -> Verdict:
    """Walk a firm's chain from its first row to the last."""
    head = _head(session, firm_id)
    if head is None:
        return Verdict(firm_id, "", 0, ["there is no chain, though the firm was made under one"] if heads else [])
    own = [one for one in heads if one["chain"] == head.chain]
    count = 0

    def counted() -> Iterator[Mapping[str, Any]]:
        nonlocal count
        for row in rows_of(session, firm_id):
            count += 1
            yield row

    found = chain.faults(counted(), head.chain, keys.keys(), own)
    faults = [fault for fault, _ in zip(found, range(FAULTS_SHOWN), strict=False)]
    if head.sequence != count and len(faults) < FAULTS_SHOWN:
        faults.append(f"the database's own head names row {head.sequence}, there are {count} rows: the chain was cut")
    return Verdict(firm_id, head.chain, count, faults)


def missing_chains(heads: Sequence[Mapping[str, Any]], verdicts: Sequence[Verdict]) -> list[str]:
    """Chains that heads were kept of and that no firm has any more."""
    known = {one.chain for one in verdicts}
    last: dict[str, int] = {}
    for head in heads:
        if head["chain"] not in known:
            last[head["chain"]] = max(last.get(head["chain"], 0), head["sequence"])
    return [f"the chain {name} ({rows} rows) is gone from the database" for name, rows in last.items()]


def kept_heads() -> list[dict[str, Any]]:
    """The heads kept outside the database; none where no file was written yet."""
    path = keys.heads_file()
    return chain.read_heads(path.read_text()) if path.exists() else []


def export(session: Session, firm_id: int, firm_name: str) -> Iterator[bytes]:
    """The lines of a firm's whole trail, sealed (the format is told in :mod:`vestry.audit.chain`)."""
    head = _head(session, firm_id)
    key_id, key = keys.signing_key()
    now = instant(session.info["now"])
    name = head.chain if head else ""
    signed: dict[str, Any] = {
        "chain": name,
        "sequence": head.sequence if head else 0,
        "hash": head.hash.hex() if head else chain.genesis(name),
        "signed_at": now,
        "key_id": key_id,
    }
    signed["mac"] = chain.head_mac(key, signed)
    header = {"format": chain.FORMAT, "firm_id": firm_id, "firm": firm_name, "chain": name, "exported_at": now}
    return chain.export_lines(header, rows_of(session, firm_id), signed, key)


def rows_of(session: Session, firm_id: int) -> Iterator[Mapping[str, Any]]:
    """A firm's rows in the order they stand in, as the chain hashes them."""
    query = select(_ROW).where(_ROW.c.firm_id == firm_id).order_by(_ROW.c.sequence)
    for row in session.execute(query, execution_options={"yield_per": 1_000}).mappings():
        shown = {name: row[name] for name in chain.ROW_FIELDS}
        shown |= {name: bytes(row[name]).hex() for name in ("previous", "hash", "mac")}
        yield shown | {"happened_at": instant(row["happened_at"])}


def _head(session: Session, firm_id: int) -> AuditHead | None:
    return session.scalars(select(AuditHead).where(AuditHead.firm_id == firm_id)).one_or_none()
