"""Requests at random: nothing breaks (no 5xx), nothing hangs, and what is stored is what was sent.

Every operation of the description is asked as often as any other, as an administrator's token or in their browser:
most bodies about right, the others with something wrong, and three requests in five damaged as a whole
(:mod:`tests.nasty.draws`). After an accepted creation or change the record is read back, and every field of it that
was sent, in its parts too, must be as it was sent. The answer's status must be one that the description names.

By hand: ``python -m tests.nasty.fuzz --requests 500000 --seed 1 [--postgres] [--seconds 3600]``. It runs in one process
straight into the application; the database's files wait for no disk, and of what is taken back most is given back.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import random
import re
import sys
import tempfile
import time
import traceback
import unicodedata
from collections import Counter
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select

from tests.access.caller import Answer, Caller, without_threads
from tests.access.matrix import nothing_is_kept
from tests.databases import PostgresSource, SqliteSource
from tests.nasty.bodies import operations
from tests.nasty.draws import Drawn, Draws
from tests.nasty.world import World
from vestry.api import create_app, middleware
from vestry.core import db
from vestry.core.db import Database
from vestry.core.settings import Settings
from vestry.identity import secrets
from vestry.identity import service as identity
from vestry.identity.door import COOKIE
from vestry.identity.models import User
from vestry.identity.sessions.service import open_session
from vestry.identity.sessions.visits import Visit

WORLD_LASTS = 4_000  # requests, for what was made makes every list longer
SLOW = 10  # seconds of processor time
# Refused before an operation is found, or by the operation as by any other.
ANY = {400, 401, 403, 404, 405, 411, 413, 414, 415, 417, 422, 429, 431}
# The rights of whoever asks.
OWN = {"set_sign_in_rules", "set_approval_rule", "change_user", "change_password"}
NOT_STORED = {"version", "password", "current", "new", "token", "secret", "client_secret"}


@dataclass
class Outcome:
    """What came of it."""

    requests: int = 0
    read_back: int = 0
    compared: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)  # one of each kind is shown
    shown: dict[str, str] = field(default_factory=dict)

    def found(self, kind: str, said: str) -> None:
        """Count a fault, and keep the first of its kind."""
        self.wrong[kind] += 1
        self.shown.setdefault(kind, said)

    def __str__(self) -> str:
        seen = dict(sorted(self.statuses.items()))
        return (
            f"{self.requests} requests, {self.read_back} read back, {self.compared} fields compared, "
            f"{self.wrong.total()} wrong, {seen}"
        )


class Fuzzer:
    """Asks one world."""

    def __init__(self, world: World, seed: int, outcome: Outcome) -> None:
        self.world, self.chance, self.outcome = world, random.Random(seed), outcome
        self.caller = Caller(world.app, here=True)
        self.causes: list[str] = []
        middleware.log.exception = lambda *_, **__: self.causes.append(traceback.format_exc().strip())
        self.draws = Draws(world, self.chance)
        with world.database.transaction(world.actor) as session:
            _, self.secret = identity.create_token(session, world.actor, name="fuzz", role="administrator")
            email = f"fuzz@{world.actor.firm_id}.example.com"
            new = {"email": email, "name": "Fuzz", "role": "administrator"}
            person = identity.create_user(session, world.actor, **new, password="correct horse battery")
            user = session.scalars(select(User).where(User.id == person.id)).one()
            self.cookie = open_session(session, user, Visit("", ""), proof="password")

    def one(self) -> None:
        """Ask once, and look at the answer."""
        drawn = self.draws()
        keeps = drawn.method in ("GET", "HEAD") or "201" in drawn.operation.description["responses"]
        keeps |= drawn.method == "PUT" and drawn.operation.name not in OWN
        taken_back = not keeps and self.chance.random() < 0.99
        began = time.process_time()
        with nothing_is_kept() if taken_back else nullcontext():
            answer = self._ask(drawn)
        took = time.process_time() - began
        self.outcome.requests += 1
        self.outcome.statuses[answer.status] += 1
        self._look(drawn, answer, took)
        if answer.status in (200, 201) and isinstance(drawn.body, dict) and drawn.method != "GET" and not taken_back:
            self._compare(drawn, answer)

    def _ask(self, drawn: Drawn) -> Answer:
        secret, more = self.secret, drawn.headers
        if drawn.stranger:
            secret = self.chance.choice((None, "", "x" * 5000, "\u00e9", self.secret[:-1], "vs_", "a b"))
        elif self.chance.random() < (0.8 if "/auth/" in drawn.path else 0.2):  # a token has no account of its own
            secret = None
            more = {"cookie": f"{COOKIE}={self.cookie}", "sec_fetch_site": "same-origin"} | more
        return self.caller(drawn.method, drawn.path, secret, drawn.body, drawn.query, drawn.content, **more)

    def _look(self, drawn: Drawn, answer: Answer, took: float) -> None:
        name, status = drawn.operation.name, answer.status
        said = f"{drawn.method} {drawn.path} {json.dumps(drawn.body)[:400]} {str(drawn.content)[:300]} "
        said += f"{drawn.query!r:.200} {drawn.headers} → {answer.text[:200]}"
        described = status in ANY or str(status) in drawn.operation.description["responses"]
        if status >= 500:
            cause = self.causes.pop() if self.causes else name
            place = re.findall(r"src/(vestry/.*), line (\d+)", cause)[-1:]
            self.outcome.found(f"{status} {cause.rsplit(chr(10), 1)[-1][:80]} {place}", f"{said}\n{cause[-1500:]}")
        elif status >= 400 and '"code"' not in answer.text and drawn.method != "HEAD":
            self.outcome.found(f"{status} without a problem {name}", said)
        elif not described and drawn.method == drawn.operation.method and _is_itself(drawn):
            self.outcome.found(f"{status} {name} is not described", said)
        if took > SLOW:
            self.outcome.found(f"slow {name}", f"{took:.0f} s: {said}")

    def _compare(self, drawn: Drawn, answer: Answer) -> None:
        """What the answer says is stored, and what is read then, must be what was sent."""
        shown = json.loads(answer.text or "null")
        if not isinstance(shown, dict) or "id" not in shown or not _is_itself(drawn):
            return
        stored = shown
        if _is_read(drawn.operation.method, drawn.operation.path):
            path = drawn.path if drawn.method == "PUT" else f"{drawn.path}/{shown['id']}"
            again = self.caller("GET", path, self.secret)
            self.outcome.read_back += 1
            if again.status != 200:
                self.outcome.found(
                    f"{again.status} reading {drawn.operation.name} back", f"{path}: {answer.text[:300]}"
                )
                return
            found = json.loads(again.text)
            stored = found if isinstance(found, dict) else next(one for one in found if one["id"] == shown["id"])
        for path, sent, kept in _pairs("", drawn.body, stored):
            self.outcome.compared += 1
            if not _same(sent, kept):
                said = f"sent {sent!r:.200}, stored {kept!r:.200}: {json.dumps(drawn.body)[:400]}"
                self.outcome.found(f"{drawn.operation.name}: {re.sub('[0-9]+', '0', path)} otherwise", said)


def _is_itself(drawn: Drawn) -> bool:
    """Whether the address is still the operation's own."""
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", drawn.operation.path), drawn.path) is not None


@cache
def _is_read(method: str, path: str) -> bool:
    """Whether an operation reads what this one makes or changes."""
    pattern = re.escape(path) + (r"/\{\w+\}" if method == "POST" else "")
    return any(one.method == "GET" and re.fullmatch(pattern, one.path) for one in operations())


def _pairs(path: str, sent: Any, stored: Any) -> list[tuple[str, Any, Any]]:
    """Every value that was sent and is shown, with what is shown."""
    if isinstance(sent, dict) and isinstance(stored, dict):
        both = [name for name in sent if name in stored and name not in NOT_STORED]
        return [one for name in both for one in _pairs(f"{path}.{name}", sent[name], stored[name])]
    if isinstance(sent, list) and isinstance(stored, list) and len(sent) == len(stored):
        return [
            one for number, two in enumerate(zip(sent, stored, strict=True)) for one in _pairs(f"{path}.{number}", *two)
        ]
    return [(path, sent, stored)]


def _same(sent: Any, stored: Any) -> bool:
    if sent == stored or sent is None or isinstance(stored, dict):
        return True  # left empty, it may have been filled in; or it is shown as the record it names
    if isinstance(sent, str) and isinstance(stored, str):
        try:
            return Decimal(sent) == Decimal(stored)
        except InvalidOperation:
            sent, stored = (" ".join(unicodedata.normalize("NFC", one).split()) for one in (sent, stored))
            return sent == stored or sent.lower() == stored.lower()
    return False


def run(database: Database, requests: int, seed: int, seconds: float) -> Outcome:
    """That many, or as many as fit in the time; a new world every few thousand."""
    app = create_app(Settings(environment="test", log_level="ERROR"), database)
    outcome, end = Outcome(), time.monotonic() + seconds
    while outcome.requests < requests and time.monotonic() < end:
        fuzzer = Fuzzer(World(app, database), seed * 1_000_003 + outcome.requests, outcome)
        until = min(requests, outcome.requests + WORLD_LASTS)
        gc.collect()
        gc.freeze()  # what stays as long as the world is not looked through again and again
        while outcome.requests < until and time.monotonic() < end:
            fuzzer.one()
        fuzzer.caller.close()
        print(outcome, dict(outcome.wrong), file=sys.stderr, flush=True)
    return outcome


def quick() -> ExitStack:
    """Without what is slow on purpose or by nature: hashing passwords, threads, waiting for the disk."""
    hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    patches = ExitStack()
    patches.enter_context(mock.patch.object(secrets, "_HASHER", hasher))
    patches.enter_context(mock.patch.object(secrets, "_NOBODY", hasher.hash("nobody")))
    patches.enter_context(mock.patch.dict(db.PRAGMAS, {"synchronous": "OFF"}))
    patches.enter_context(without_threads())
    return patches


def main() -> int:
    """1 if anything broke or was stored otherwise than it was sent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=7200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    logging.disable()
    gc.set_threshold(50_000, 20, 100)
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=memory) as folder, quick():
        source: Any = PostgresSource() if chosen.postgres else SqliteSource(Path(folder))
        database = Database(source.new())
        try:
            outcome = run(database, chosen.requests, chosen.seed, chosen.seconds)
        finally:
            database.close()
            source.stop()
    each = outcome.requests / (time.monotonic() - began)
    print(f"seed {chosen.seed}: {outcome}, {each:.0f} a second")
    print(*[f"{count} × {kind}: {outcome.shown[kind]}" for kind, count in outcome.wrong.most_common(60)], sep="\n")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
