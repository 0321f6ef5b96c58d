"""The exported bytes against whoever changes them: every edit, cut, reorder and rewrite is found."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from vestry.audit import chain

KEY, OTHER = b"k" * 48, b"o" * 48
KEYS = {chain.key_id(KEY): KEY}
NAME = "0123456789abcdef0123456789abcdef"
SEED = 20240630


def row(sequence: int, previous: str, key: bytes, **changed: Any) -> dict[str, Any]:
    made: dict[str, Any] = dict.fromkeys(chain.FIELDS)
    made |= {
        "sequence": sequence,
        "happened_at": f"2026-01-{1 + sequence % 28:02d}T00:00:00.000000Z",
        "action": "change",
        "operation": "update_fund",
        "door": "api",
        "actor_kind": "user",
        "actor_id": sequence % 7,
        "actor_name": "Zoë",
        "actor_role": "manager",
        "noun": "fund",
        "record_id": sequence % 11,
        "before": json.dumps({"name": "a" * (sequence % 20)}),
        "after": json.dumps({"name": "b" * (sequence % 20)}),
        "key_id": chain.key_id(key),
        "previous": previous,
    }
    made |= changed
    made["hash"] = chain.row_hash(made)
    made["mac"] = chain.row_mac(key, made["hash"])
    return made


def rows_of(count: int, key: bytes = KEY) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    previous = chain.genesis(NAME)
    for sequence in range(1, count + 1):
        made.append(row(sequence, previous, key))
        previous = made[-1]["hash"]
    return made


def head_of(last: Mapping[str, Any], key: bytes = KEY) -> dict[str, Any]:
    head = {
        "chain": NAME,
        "sequence": last["sequence"],
        "hash": last["hash"],
        "signed_at": "2026-02-01T00:00:00.000000Z",
        "key_id": chain.key_id(key),
    }
    return head | {"mac": chain.head_mac(key, head)}


def exported(rows: list[dict[str, Any]], key: bytes = KEY) -> bytes:
    header = {
        "format": chain.FORMAT,
        "firm_id": 1,
        "firm": "Example",
        "chain": NAME,
        "exported_at": "2026-02-01T00:00:00.000000Z",
    }
    return b"".join(chain.export_lines(header, rows, head_of(rows[-1], key), key))


BASE = rows_of(24)
HEADS = [head_of(BASE[9]), head_of(BASE[-1])]
CONTENT = exported(BASE)


def tampered(chance: random.Random) -> bytes:
    """The export with one thing done to it, by somebody who has its bytes but not the key."""
    lines = CONTENT.split(b"\n")[:-1]
    kind = chance.randrange(8)
    if kind <= 3:  # one bit of one byte
        content = bytearray(CONTENT)
        place = chance.randrange(len(content))
        content[place] ^= 1 << chance.randrange(8)
        return bytes(content)
    if kind == 4:  # the end, or a piece, is gone
        start = chance.randrange(len(CONTENT))
        return CONTENT[:start] + (CONTENT[start + chance.randrange(1, 200) :] if chance.random() < 0.5 else b"")
    if kind == 5:  # two lines change places
        one, other = chance.sample(range(len(lines)), 2)
        lines[one], lines[other] = lines[other], lines[one]
        return b"\n".join(lines) + b"\n"
    if kind == 6:  # a line is gone or repeated
        place = chance.randrange(len(lines))
        lines[place : place + 1] = [lines[place]] * chance.choice((0, 2))
        return b"\n".join(lines) + b"\n"
    return exported(rewritten(chance), OTHER)  # written anew from some row on, with all hashes made again


def rewritten(chance: random.Random) -> list[dict[str, Any]]:
    start = chance.randrange(len(BASE))
    rows = copy.deepcopy(BASE[:start])
    previous = rows[-1]["hash"] if rows else chain.genesis(NAME)
    for old in BASE[start : chance.randrange(start + 1, len(BASE) + 1)]:
        content = {name: old[name] for name in chain.FIELDS if name not in ("previous", "key_id")}
        if old["sequence"] == start + 1:
            content["after"] = json.dumps({"name": "forged"})
        rows.append(row(content.pop("sequence"), previous, OTHER, **content))
        previous = rows[-1]["hash"]
    return rows


def test_what_was_exported_verifies() -> None:
    assert list(chain.export_faults(CONTENT, KEYS, HEADS)) == []
    assert list(chain.export_faults(CONTENT, None)) == []


def test_not_one_of_20_000_edits_cuts_reorders_and_rewrites_is_missed() -> None:
    chance = random.Random(SEED)
    missed = []
    for number in range(20_000):
        content = tampered(chance)
        if content != CONTENT and next(chain.export_faults(content, KEYS, HEADS), None) is None:
            missed.append(number)
    assert not missed, f"seed {SEED}: {missed[:20]}"


def test_a_verifier_that_forgets_the_heads_or_the_key_is_caught_by_the_same_trial() -> None:
    """The trial can fail: without heads a cut is missed, and without the key a rewrite is."""
    cut, forged = BASE[:20], rewritten(random.Random(SEED))
    assert list(chain.faults(cut, NAME, KEYS)) == []
    assert "cut" in " ".join(chain.faults(cut, NAME, KEYS, HEADS))
    assert list(chain.faults(forged, NAME, None)) == []
    assert "not signed" in " ".join(chain.faults(forged, NAME, KEYS))


def faults_of(rows: list[dict[str, Any]]) -> Iterator[str]:
    return chain.faults(rows, NAME, KEYS, HEADS)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([*BASE[:4], BASE[4] | {"note": "x"}, *BASE[5:]], "row 5 was edited"),
        ([*BASE[:4], *BASE[5:]], "row 5 is missing before row 6"),
        ([*BASE[:4], *BASE[7:]], "rows 5 to 7 are missing before row 8"),
        ([*BASE[:4], BASE[5], BASE[4], *BASE[6:]], "reordered"),
        (BASE[:-3], "rows 22 to 24 are missing at the end: the chain was cut"),
        (rows_of(24, OTHER), "row 1 was not signed with a key of ours"),
        ([*BASE[:9], row(10, BASE[8]["hash"], KEY, after="{}"), *BASE[10:]], "row 10 was rewritten"),
    ],
)
def test_a_fault_names_its_row(rows: list[dict[str, Any]], said: str) -> None:
    assert said in "; ".join(faults_of(rows))


def test_a_head_nobody_of_ours_signed_is_a_fault() -> None:
    forged = head_of(BASE[9]) | {"sequence": 5}
    assert "not signed" in " ".join(chain.faults(BASE, NAME, KEYS, [forged]))


def test_the_file_alone_verifies_an_export_without_vestry(tmp_path: Path) -> None:
    export, key, heads = tmp_path / "audit.jsonl", tmp_path / "key", tmp_path / "heads.jsonl"
    export.write_bytes(CONTENT)
    key.write_bytes(KEY)
    heads.write_bytes(b"".join(chain.canonical(chain.HEAD_FIELDS, head) + b"\n" for head in HEADS))

    def verified() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", chain.__file__, str(export), "--key", str(key), "--heads", str(heads)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    good = verified()
    assert (good.returncode, good.stdout) == (0, "24 rows, signatures checked: whole\n"), good.stderr
    export.write_bytes(CONTENT.replace(b"update_fund", b"create_fund", 1))
    bad = verified()
    assert bad.returncode == 1
    assert "row 1 was edited" in bad.stdout
