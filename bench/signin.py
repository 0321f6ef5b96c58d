"""How much a refused sign-in tells by its time: an address that is known against one that is not, alternating.

``python -m bench.signin --json`` prints the medians and their ratio, which must lie between 0.9 and 1.1. Run by hand,
on a quiet machine; it is no test, because a busy one would fail it without anything being wrong.
"""

from __future__ import annotations

import argparse
import json
import secrets
import statistics
import tempfile
import time
from pathlib import Path

from vestry import all_models
from vestry.core import logging
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.identity import service as identity
from vestry.identity.door import UNKNOWN
from vestry.identity.sessions.visits import Visit
from vestry.identity.signin import service
from vestry.migrations import revisions

LEAST, MOST = 0.9, 1.1


def refused(database: Database, email: str) -> float:
    """Seconds until a wrong password is refused, from a network that has not tried before."""
    visit = Visit(secrets.token_hex(8), "bench")
    started = time.perf_counter()
    try:
        service.sign_in(database, visit, email=email, password="not the password")
    except service.WrongCredentials:
        return time.perf_counter() - started
    raise AssertionError("the wrong password was taken")


def measure(rounds: int) -> dict[str, float | int]:
    """Medians in milliseconds, and their ratio."""
    assert all_models.metadata.tables
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        revisions.upgrade(database.writer)
        with database.transaction(UNKNOWN) as session:
            firm = identity.create_firm(session, name="Bench", currency="USD")
            actor = Actor("cli", firm.id, "administrator")
            identity.create_user(
                session, actor, email="known@firm.com", name="K", role="analyst", password="correct horse battery"
            )
        times: dict[str, list[float]] = {"known@firm.com": [], "other@firm.com": []}
        for email in times:
            refused(database, email)
        for turn in range(rounds):
            for email in sorted(times, reverse=bool(turn % 2)):
                times[email].append(refused(database, email))
        database.close()
    known, unknown = (statistics.median(found) for found in times.values())
    return {
        "rounds": rounds,
        "known_ms": round(known * 1000, 2),
        "unknown_ms": round(unknown * 1000, 2),
        "ratio": round(known / unknown, 4),
    }


def main() -> int:
    """Print the figures; the status is 1 when the ratio lies outside."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    logging.configure("ERROR", as_json=False)
    found = measure(given.rounds)
    print(json.dumps(found) if given.json else " ".join(f"{name} {value}" for name, value in found.items()))
    return 0 if LEAST <= found["ratio"] <= MOST else 1


if __name__ == "__main__":
    raise SystemExit(main())
