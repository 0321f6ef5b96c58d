"""The chain, as a third party can check it: this file needs Python alone, neither Vestry nor its database.

    python chain.py EXPORT.jsonl [--key KEYFILE] [--heads HEADS.jsonl]

An export is a text file of one JSON object a line, in canonical form (keys in the order below, no spaces, ASCII): a
header, the rows of one firm in sequence, the head, a seal (the SHA-256 of all lines above, under the key).

A row's ``hash`` is the SHA-256 of its canonical line without ``hash`` and ``mac``; it covers ``previous``, the hash of
the row before. Its ``mac`` is the HMAC-SHA256 of the hash under a key that does not lie in the database. The first
row's ``previous`` is the SHA-256 of the chain's name. A head states how far a chain had come, under the key; heads are
kept outside the database, so that a chain which was cut or written anew no longer fits them. Without the key all but a
complete rewrite is found, and with the heads that too.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import itertools
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

FORMAT = "vestry-audit-1"
FIELDS = (
    "sequence", "happened_at", "action", "operation", "door", "address", "request_id",
    "actor_kind", "actor_id", "actor_name", "actor_role", "on_behalf_of",
    "noun", "record_id", "before", "after", "rows", "note", "key_id", "previous",
)  # fmt: skip
ROW_FIELDS = (*FIELDS, "hash", "mac")
HEADER_FIELDS = ("format", "firm_id", "firm", "chain", "exported_at")
HEAD_FIELDS = ("chain", "sequence", "hash", "signed_at", "key_id", "mac")
SEAL_FIELDS = ("sha256", "key_id", "mac")
Row = Mapping[str, Any]
Keys = Mapping[str, bytes]  # key id → key


def canonical(fields: Sequence[str], row: Row) -> bytes:
    """The one way to write these fields of a row."""
    return json.dumps({name: row[name] for name in fields}, separators=(",", ":"), ensure_ascii=True).encode()


def genesis(chain: str) -> str:
    """What the first row of a chain follows."""
    return hashlib.sha256(chain.encode()).hexdigest()


def row_hash(row: Row) -> str:
    """The hash of a row that knows the hash it follows."""
    return hashlib.sha256(canonical(FIELDS, row)).hexdigest()


def row_mac(key: bytes, digest: str) -> str:
    """The row's hash under the key."""
    return hmac.digest(key, b"row" + digest.encode(), "sha256").hex()


def head_mac(key: bytes, head: Row) -> str:
    """A head under the key."""
    return hmac.digest(key, b"head" + canonical(HEAD_FIELDS[:-1], head), "sha256").hex()


def key_id(key: bytes) -> str:
    """Names a key without telling it."""
    return hashlib.sha256(b"vestry audit key" + key).hexdigest()[:16]


def keys_of(text: str) -> dict[str, bytes]:
    """The keys of a key file or setting, one a line or comma; the first signs, the others only verify."""
    found = [part.strip().encode() for part in text.replace(",", "\n").splitlines() if part.strip()]
    return {key_id(key): key for key in found}


def faults(rows: Iterable[Row], chain: str, keys: Keys | None, heads: Iterable[Row] = ()) -> Iterator[str]:
    """What is wrong with a chain's rows, each fault with the row it is at; nothing when all is whole.

    ``keys`` None: signatures are not looked at. ``heads``: those of this chain, in any order.
    """
    expected: dict[int, str] = {}
    for head in heads:
        if keys is not None and not signed_head(head, keys):
            yield f"the head at row {head['sequence']} was not signed with a key of ours"
            continue
        known = expected.setdefault(head["sequence"], head["hash"])
        if known != head["hash"]:
            yield f"two heads name different rows {head['sequence']}: the chain was rewritten after that row"
    last, previous = 0, genesis(chain)
    for row in rows:
        at = row["sequence"]
        if at != last + 1:
            yield _out_of_order(at, last)
        elif row["previous"] != previous:
            yield f"row {at} does not follow row {last}: one of the two was replaced"
        digest = row_hash(row)
        if digest != row["hash"]:
            yield f"row {at} was edited: its content does not fit its hash"
        if keys is not None and not _signed(row, digest, keys):
            yield f"row {at} was not signed with a key of ours: it was edited or rewritten"
        if expected.pop(at, row["hash"]) != row["hash"]:
            yield f"row {at} was rewritten: a head kept outside the database names another"
        last, previous = at, row["hash"]
    if expected:
        yield f"rows {last + 1} to {max(expected)} are missing at the end: the chain was cut"


def _out_of_order(at: int, last: int) -> str:
    if at > last + 1:
        missing = f"row {last + 1} is" if at == last + 2 else f"rows {last + 1} to {at - 1} are"
        return f"{missing} missing before row {at}"
    return f"row {at} stands after row {last}: the rows were reordered, or one repeats"


def _signed(row: Row, digest: str, keys: Keys) -> bool:
    key = keys.get(row["key_id"])
    return key is not None and hmac.compare_digest(row_mac(key, digest), row["mac"])


def signed_head(head: Row, keys: Keys) -> bool:
    """Whether a head was signed with one of the keys."""
    key = keys.get(head["key_id"])
    return key is not None and hmac.compare_digest(head_mac(key, head), head["mac"])


def export_lines(header: Row, rows: Iterable[Row], head: Row, key: bytes) -> Iterator[bytes]:
    """The lines of an export, sealed with the key."""
    digest = hashlib.sha256()
    for fields, row in itertools.chain([(HEADER_FIELDS, header)], ((ROW_FIELDS, row) for row in rows)):
        line = canonical(fields, row) + b"\n"
        digest.update(line)
        yield line
    line = canonical(HEAD_FIELDS, head) + b"\n"
    digest.update(line)
    yield line
    content = digest.hexdigest()
    seal = {"sha256": content, "key_id": key_id(key), "mac": export_mac(key, content)}
    yield canonical(SEAL_FIELDS, seal) + b"\n"


def export_mac(key: bytes, digest: str) -> str:
    """An export's hash under the key."""
    return hmac.digest(key, b"export" + digest.encode(), "sha256").hex()


def export_faults(content: bytes, keys: Keys | None, heads: Iterable[Row] = ()) -> Iterator[str]:
    """What is wrong with the bytes of an export; nothing when they are as they were written."""
    lines = content.split(b"\n")
    if len(lines) < 4 or lines[-1]:
        yield "the file is cut: it does not end with a seal"
        return
    try:
        header = _read(lines[0], HEADER_FIELDS)
        rows = [_read(line, ROW_FIELDS) for line in lines[1:-3]]
        head = _read(lines[-3], HEAD_FIELDS)
        seal = _read(lines[-2], SEAL_FIELDS)
        yield from _seal_faults(b"\n".join(lines[:-2]) + b"\n", seal, keys)
        if header["format"] != FORMAT or header["chain"] != head["chain"]:
            yield "the header and the head are not of one export"
            return
        own = [head, *(one for one in heads if one["chain"] == head["chain"])]
        yield from faults(rows, head["chain"], keys, own)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        yield f"a line is not as it was written: {str(error)[:200]}"
        return
    if head["sequence"] != len(rows):
        yield f"the head names row {head['sequence']}, the file has {len(rows)}"


def _seal_faults(sealed: bytes, seal: Row, keys: Keys | None) -> Iterator[str]:
    digest = hashlib.sha256(sealed).hexdigest()
    if digest != seal["sha256"]:
        yield "the lines do not fit the seal: at least one was changed since"
    key = keys.get(seal["key_id"]) if keys is not None else None
    if keys is not None and (key is None or not hmac.compare_digest(export_mac(key, digest), seal["mac"])):
        yield "the seal was not made with a key of ours"


def _read(line: bytes, fields: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line)
    if canonical(fields, found) != line:
        raise ValueError(f"{line[:60].decode('ascii', 'replace')}… is not in canonical form")
    return found


def read_heads(text: str) -> list[dict[str, Any]]:
    """The heads of a heads file; raises ValueError where a line is not one."""
    heads = []
    for number, line in enumerate(text.encode().split(b"\n"), 1):
        if line:
            try:
                heads.append(_read(line, HEAD_FIELDS))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"line {number} of the heads is not as it was written: {error}") from None
    return heads


def main(given: list[str] | None = None) -> int:
    """Verify an export; 1 and a line a fault where something is wrong."""
    parser = argparse.ArgumentParser(description="Verify an exported audit trail without Vestry.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--key", type=Path, help="file with the keys, one a line")
    parser.add_argument("--heads", type=Path, help="heads kept outside the database")
    chosen = parser.parse_args(given)
    keys = keys_of(chosen.key.read_text()) if chosen.key else None
    content = chosen.export.read_bytes()
    try:
        heads = read_heads(chosen.heads.read_text()) if chosen.heads else []
    except ValueError as error:
        print(error)
        return 1
    found = list(export_faults(content, keys, heads))
    for fault in found[:100]:
        print(fault)
    signed = "signatures checked" if keys is not None else "signatures not checked (no key given)"
    print(f"{content.count(10) - 3} rows, {signed}: {'WRONG' if found else 'whole'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
