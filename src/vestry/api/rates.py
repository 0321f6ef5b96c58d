"""How often may be asked: a budget for each credential and a larger one for each network, of four kinds.

A window slides: of the window before, as much still counts as lies within the last ``seconds``. Counts are kept in
this process, or in Redis where all processes and machines are to share them; while Redis does not answer, this
process counts alone. Health and the client's own files cost nothing.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import structlog
from limits import RateLimitItem, parse
from starlette.types import ASGIApp, Receive, Scope, Send

from vestry.core.http import problem
from vestry.core.settings import Settings
from vestry.identity.door import COOKIE, SAFE_METHODS
from vestry.identity.signin.delays import network_of

log = structlog.get_logger()

KEPT_MAX: Final = 100_000
REDIS_PAUSE_S: Final = 5.0  # after it did not answer
_COOKIE: Final = COOKIE.encode() + b"="
_FILES: Final = (".csv", ".xlsx", ".zip", ".pdf")
_network = lru_cache(maxsize=10_000)(network_of)


@dataclass(frozen=True, slots=True, eq=False)
class Budget:
    """How many requests of a kind one credential, or one network, has in a window."""

    kind: str
    holder: str  # "identity" or "address"
    item: RateLimitItem
    amount: int
    seconds: int

    @classmethod
    def of(cls, kind: str, holder: str, words: str, times: int = 1) -> Budget:
        """``words`` such as ``600/minute`` or ``10 per 5 seconds``."""
        read = parse(words)
        item = type(read)(read.amount * times, read.multiples, namespace=f"vestry/{kind}/{holder}")
        return cls(kind, holder, item, item.amount, item.get_expiry())


class Counters:
    """Sliding counts in this process. Nothing runs beside it: what is over is dropped when room is needed."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Budget, str], tuple[int, int, int]] = {}  # window's number, its count, the one before

    def hit(self, budget: Budget, key: str, now: float) -> float | None:
        """Count one request; or None is counted and the seconds until there is room again are given."""
        place = (budget, key)
        window, into = divmod(now, budget.seconds)
        number, count, before = self._kept.get(place, (0, 0, 0))
        if number != window:
            before = count if number == window - 1 else 0
            count = 0
            if number == 0 and len(self._kept) >= KEPT_MAX:
                self._drop_old(now)
        left = budget.seconds - into
        if before * left / budget.seconds + count + 1 > budget.amount:
            return _until_room(budget, count, before, left)
        self._kept[place] = (int(window), count + 1, before)
        return None

    def _drop_old(self, now: float) -> None:
        self._kept = {place: kept for place, kept in self._kept.items() if kept[0] >= now // place[0].seconds - 1}
        if len(self._kept) >= KEPT_MAX:
            self._kept.clear()


def _until_room(budget: Budget, count: int, before: int, left: float) -> float:
    """Seconds until the window before has moved far enough out of sight, or this one is the one before."""
    free = budget.amount - count - 1
    if free >= 0 and before:
        return left - free * budget.seconds / before
    return left + budget.seconds * (1 - (budget.amount - 1) / count)


class Shared:
    """The same counts in Redis."""

    def __init__(self, url: str) -> None:
        from limits.aio.storage import RedisStorage
        from limits.aio.strategies import SlidingWindowCounterRateLimiter

        self.storage = RedisStorage(
            f"async+{url}", implementation="redispy", socket_timeout=1, socket_connect_timeout=1
        )
        self.limiter = SlidingWindowCounterRateLimiter(self.storage)
        self.alone = Counters()
        self.resting_until = 0.0

    async def hit(self, budget: Budget, key: str, now: float) -> float | None:
        """As :meth:`Counters.hit`."""
        if now >= self.resting_until:
            try:
                if await self.limiter.hit(budget.item, key):
                    return None
                stats = await self.limiter.get_window_stats(budget.item, key)
                return max(stats.reset_time - now, 0.0)
            except Exception as error:  # whatever the client raises: a counter must not close the door
                log.warning("rates.alone", error=type(error).__name__)
                self.resting_until = now + REDIS_PAUSE_S
        return self.alone.hit(budget, key, now)

    async def close(self) -> None:
        """Let go of the connections."""
        bridge: Any = self.storage.bridge
        await bridge.get_connection().aclose()


class Rates:
    """Refuses a request whose credential or network has used its budget up."""

    def __init__(self, app: ASGIApp, chosen: Settings) -> None:
        self.app = app
        words = {
            "sign-in": chosen.rate_sign_in,
            "reads": chosen.rate_reads,
            "writes": chosen.rate_writes,
            "exports": chosen.rate_exports,
        }
        self.identity: Mapping[str, Budget] = {kind: Budget.of(kind, "identity", said) for kind, said in words.items()}
        times = chosen.rate_address_times
        self.address = {
            kind: Budget.of(kind, "address", said, 1 if kind == "sign-in" else times) for kind, said in words.items()
        }
        self.counters = Counters()
        redis = chosen.rate_store
        self.shared = Shared(redis.get_secret_value()) if redis else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = kind_of(scope) if scope["type"] == "http" else None
        if kind is not None:
            spent = await self._spent(kind, scope)
            if spent is not None:
                await _refuse(scope, receive, send, *spent)
                return
        try:
            await self.app(scope, receive, send)
        finally:
            if self.shared is not None and scope["type"] == "lifespan":
                await self.shared.close()

    async def _spent(self, kind: str, scope: Scope) -> tuple[Budget, float] | None:
        """The budget that is used up, and for how long; None where the request was counted."""
        now = time.time()
        client = scope.get("client")
        who = [(self.address[kind], _network(client[0]) if client else "")]
        credential = _credential(scope) if kind != "sign-in" else None
        if credential is not None:
            who.append((self.identity[kind], credential))
        for budget, key in who:
            if self.shared is None:
                wait = self.counters.hit(budget, key, now)
            else:
                wait = await self.shared.hit(budget, key, now)
            if wait is not None:
                return budget, wait
        return None


def kind_of(scope: Scope) -> str | None:
    """Which budget a request is taken from."""
    path: str = scope["path"]
    if not path.startswith("/api/"):
        return None
    if scope["method"] not in SAFE_METHODS:
        return "sign-in" if path.startswith("/api/v1/auth/") and not path.endswith("/sign-out") else "writes"
    is_file = path.endswith(_FILES) or "/export" in path or b"format=" in scope.get("query_string", b"")
    return "exports" if is_file else "reads"


def _credential(scope: Scope) -> str | None:
    """A short hash of the token or session that comes along, so that no secret is kept here."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return hashlib.blake2b(value, digest_size=12).hexdigest()
        if name == b"cookie" and _COOKIE in value:
            secret = value.partition(_COOKIE)[2].partition(b";")[0]
            return hashlib.blake2b(secret, digest_size=12).hexdigest()
    return None


async def _refuse(scope: Scope, receive: Receive, send: Send, budget: Budget, wait: float) -> None:
    seconds = max(1, math.ceil(wait))
    whose = "this sign-in or token" if budget.holder == "identity" else "this network"
    log.info("request.too_many", kind=budget.kind, holder=budget.holder, path=scope["path"])
    answer = problem(
        429,
        "too_many_requests",
        f"More than {budget.amount:,} {budget.kind} in {budget.seconds} seconds came from {whose}.",
        request_id=scope.get("request_id"),
        mend=f"Wait {seconds} seconds, then go on more slowly.",
        headers={
            "Retry-After": str(seconds),
            "RateLimit-Policy": f'"{budget.kind}";q={budget.amount};w={budget.seconds}',
            "RateLimit": f'"{budget.kind}";r=0;t={seconds}',
        },
    )
    await answer(scope, receive, send)
