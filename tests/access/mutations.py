"""Each row of the written policy taken away or thrown open in turn: the cells that depend on it must turn red.

By hand: ``python -m tests.access.mutations`` prints the rows, how many turned red and which did not. Only cells that
a row decides are asked, until the first that is wrong.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from sqlalchemy import true

from tests.access.identities import COHORTS, HIDDEN_AS, everybody
from tests.access.locks import opened
from tests.access.matrix import KINDS, LISTS, Cell, Checker, cells, permission_of
from tests.access.world import World
from vestry.identity import door, policy
from vestry.identity.policy import GRANTS, HIDDEN, POLICY, REACH, ROLES, STAFF
from vestry.identity.reach import CHANGED_BY, WAYS, Way

# Kind of a record → its table, where they are not called the same.
TABLES = {"call": "capital_call", "entry": "vehicle_entry", "mark": "valuation_mark", "nav": "reported_nav",
          "import": "import_batch", "token": "api_token", "grant": "access_grant", "spend": "acquisition_spend",
          "trade": "trade_terms", "threshold": "payment_threshold", "override": "threshold_override",
          "scenario": "prediction_scenario", "payment": "customer_payment", "upload": "payment_entry",
          "customer": "cohort_customer", "metric": "metric_value", "transfer": "round_transfer",
          "connection": "metric_connection"}  # fmt: skip
# Told of, but by operations whose permission already asks for the whole firm: no row of these is reached narrowly.
ASKED_WHOLE = {"import_batch", "api_token", "access_grant"}
# Of a company or a round that must be theirs as well: thrown open they lead nowhere.
FOUND_BY_ANOTHER = {"customer_payment", "cohort_customer", "round_transfer"}
ALL: Way = Way("everything", lambda *_: true())


@dataclass(frozen=True)
class Mutant:
    """One row changed, and the cells that are to notice."""

    name: str
    change: Callable[[], AbstractContextManager[Any]]
    concerns: Callable[[Cell], bool]


def mutants() -> list[Mutant]:
    """Every row of every table of the policy, removed and where it narrows also thrown open."""
    return [*_of_policy(), *_of_reach(), *_of_hidden(), *_of_grants(), *_of_ways()]


def _of_policy() -> Iterator[Mutant]:
    for row, roles in POLICY.items():
        yield Mutant(f"POLICY {row} removed", _without(POLICY, row), _asks(row, "answered"))
        narrower = REACH.get(row) == "firm" and roles >= set(STAFF)  # nobody else sees the whole firm anyway
        if roles != frozenset(ROLES) and not narrower:
            yield Mutant(f"POLICY {row} for everybody", _with(POLICY, row, frozenset(ROLES)), _asks(row, "forbidden"))


def _of_reach() -> Iterator[Mutant]:
    for row in REACH:
        alone = _asks(row, "forbidden")
        if POLICY[row] == {"administrator"}:  # who always sees the whole firm
            continue
        yield Mutant(
            f"REACH {row} removed", _without(REACH, row), lambda cell, alone=alone: alone(cell) and not cell.who.whole
        )


def _of_hidden() -> Iterator[Mutant]:
    for record, field in HIDDEN:
        kinds = {kind for kind, of in HIDDEN_AS.items() if of == record}
        if not kinds:  # figures, in which no canary can be written: their own tests hold them
            continue
        yield Mutant(
            f"HIDDEN {record}.{field} shown",
            _without(HIDDEN, (record, field)),
            lambda cell, kinds=kinds: _kind(cell) in kinds and cell.expected == "answered",
        )


def _of_grants() -> Iterator[Mutant]:
    for kind, who in GRANTS:
        if kind == "firm":  # everybody in the world who sees all of it is given so by name
            continue
        yield Mutant(
            f"GRANTS {kind} to {who} removed",
            _without(GRANTS, (kind, who)),
            lambda cell, kind=kind, who=who: (
                cell.expected == "answered" and policy.group(cell.who.role) == who and bool(_held(cell, kind))
            ),
        )


def _held(cell: Cell, kind: str) -> frozenset[str]:
    who = cell.who
    return {"fund": who.parts, "vehicle": who.vehicles, "company": who.companies, "investor": who.investors}[kind]


def asked_about() -> set[str]:
    """The tables of whose rows the world has some, and whose ways decide alone: jobs have a narrower condition too."""
    return {TABLES.get(kind, kind) for kind in (*LISTS.values(), *KINDS.values())} - ASKED_WHOLE - {"user", "job"}


def _of_ways() -> Iterator[Mutant]:
    asked = asked_about()
    for table, ways in WAYS.items():
        if table not in asked or not ways:
            continue
        about = _about(table)
        if table not in FOUND_BY_ANOTHER:
            yield Mutant(f"WAYS {table} for everybody", _with(WAYS, table, (ALL,)), about)
        yield Mutant(f"WAYS {table} removed", _with(WAYS, table, ()), about)
    addressed = {
        TABLES.get(kind, kind) for kind in (*COHORTS, "metric", "metric_import")
    }  # by their company, which must be theirs too
    for table in CHANGED_BY:
        if table not in asked - addressed:
            continue
        changing = _about(table)
        yield Mutant(
            f"CHANGED_BY {table} removed",
            _without(CHANGED_BY, table),
            lambda cell, changing=changing: changing(cell) and cell.expected == "missing" and cell.about is not None,
        )


def _about(table: str) -> Callable[[Cell], bool]:
    return lambda cell: (
        not cell.who.whole
        and cell.expected in ("answered", "missing")
        and (TABLES.get(_kind(cell), _kind(cell)) == table or _in_body(cell, table))
    )


def _in_body(cell: Cell, table: str) -> bool:
    return any(TABLES.get(KINDS[name], KINDS[name]) == table for name in cell.body or {} if name in KINDS)


def _kind(cell: Cell) -> str:
    named = LISTS.get(cell.operation.name)
    return named or (cell.about.kind if cell.about else "")


def _asks(row: str, expected: str) -> Callable[[Cell], bool]:
    return lambda cell: permission_of()[cell.operation.name] == row and cell.expected == expected


def _without(table: dict[Any, Any], row: Any) -> Callable[[], AbstractContextManager[Any]]:
    @contextmanager
    def change() -> Iterator[None]:
        with mock.patch.dict(table):
            del table[row]
            yield

    return change


def _with(table: dict[Any, Any], row: Any, value: Any) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: mock.patch.dict(table, {row: value})


def first_red(world: World, asked: list[Cell], change: AbstractContextManager[Any], *, strict: bool = True) -> str:
    """The first fault among these cells while that is changed; empty when none notices. Nothing is kept."""
    with change:
        door.READY.clear()  # statements made before the change
        checker = Checker(world, strict=strict, undo=True)
        found = next((faults[0] for cell in asked if (faults := checker.check(cell))), "")
    door.READY.clear()
    return found


def undetected(world: World, chosen: list[Mutant], known: list[Cell]) -> list[str]:
    """The names of those that no cell notices."""
    found = []
    for mutant in chosen:
        fault = first_red(world, [cell for cell in known if mutant.concerns(cell)], mutant.change())
        print(f"{'red' if fault else 'NOT RED'}: {mutant.name}: {fault[:140]}", flush=True)
        if not fault:
            found.append(mutant.name)
    return found


def shuffled(world: World, seed: int) -> list[Cell]:
    """Every cell, in an order that soon comes to one that notices; the same for a seed."""
    known = list(cells(world, everybody(world)))
    random.Random(seed).shuffle(known)
    return known


def main() -> int:
    """1 if a change of the policy goes unnoticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, help="only so many, drawn by the seed")
    parser.add_argument("--only", default="", help="those whose name begins so")
    chosen = parser.parse_args()
    some = [one for one in mutants() if one.name.startswith(chosen.only)]
    print(f"not asked about, for the world has none: {sorted({*WAYS, *CHANGED_BY} - asked_about() - ASKED_WHOLE)}")
    if chosen.sample:
        some = random.Random(chosen.seed).sample(some, chosen.sample)
    with opened(postgres=False) as world:
        missed = undetected(world, some, shuffled(world, chosen.seed))
    print(f"seed {chosen.seed}: {len(some)} rows, {len(some) - len(missed)} red, {len(missed)} undetected: {missed}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
