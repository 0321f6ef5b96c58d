"""The pieces of a heavy simulation on a Dask cluster: a scheduler, and workers with the same packages as here.

What workers send is unpickled here, and the other way round: the cluster belongs on a network nobody else reaches.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from functools import lru_cache, partial
from importlib.metadata import PackageNotFoundError, version
from threading import Lock, Thread
from typing import Any, Final

import numpy as np
import structlog

from vestry import __version__
from vestry.core.errors import Unavailable
from vestry.kernel.simulation.pieces import HERE, Made, Piece

log = structlog.get_logger("vestry.cluster")

CONNECT_S: Final = 3.0
PAUSE_S: Final = 2.0  # after the scheduler did not answer: nobody waits for it again within
_SILENT: Final = "The cluster that simulates does not answer now."
_MEND: Final = "Try again later, or simulate up to 4,096 paths, which needs no cluster."


class ClusterAway(Unavailable):
    """No scheduler, no worker, or workers that die or take too long."""


class WorkerDiffers(Unavailable):
    """A worker whose figures could differ in the last bit from those made here."""


class Cluster:
    """Pieces handed to the scheduler at ``address``, to be back within ``seconds``."""

    def __init__(self, address: str, seconds: float) -> None:
        self._address, self._seconds = address, seconds
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Any = None
        self._connecting = asyncio.Lock()
        self._away_until = 0.0

    def run(self, work: Callable[[Piece], Made], pieces: Sequence[Piece]) -> list[Made]:
        """The results, in the pieces' order; the first error of a piece is raised and the others are let go of.

        A piece whose worker died is begun again on another one, by the scheduler, until its patience ends.
        """
        if len(pieces) < 2:
            return HERE.run(work, pieces)
        with self._lock:
            loop = self._loop = self._loop or _turning()
        return asyncio.run_coroutine_threadsafe(self._run(work, pieces), loop).result()

    def close(self) -> None:
        """End the connection, and with it whatever still runs for it; the next use makes one again."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            asyncio.run_coroutine_threadsafe(self._drop(self._client), loop).result()
            loop.call_soon_threadsafe(loop.stop)

    async def _run(self, work: Callable[[Piece], Made], pieces: Sequence[Piece]) -> list[Made]:
        from distributed import KilledWorker

        client = await self._connected()
        futures: list[Any] = []
        try:
            futures = client.map(partial(_worked, work, fingerprint()), pieces, pure=False)
            made: list[Made] = await asyncio.wait_for(client.gather(futures), self._seconds)
            return made
        except KilledWorker as error:
            raise self._away("Every worker that began a piece of this simulation ended.", error) from None
        except TimeoutError as error:
            raise self._away(f"The simulation was not done within {self._seconds:g} s.", error) from None
        except ImportError as error:
            raise WorkerDiffers(f"A worker lacks a package: {error}.", mend=_MEND) from None
        except (OSError, CancelledError) as error:
            await self._drop(client)
            raise self._away(_SILENT, error) from None
        finally:
            for future in futures:
                future.release()

    async def _connected(self) -> Any:
        async with self._connecting:
            if self._client is not None and self._client.status != "closed":
                return self._client
            if time.monotonic() < self._away_until:
                raise ClusterAway(_SILENT, mend=_MEND)
            try:
                self._client = await _client(self._address)
            except (OSError, ImportError) as error:
                self._client, self._away_until = None, time.monotonic() + PAUSE_S
                raise self._away(_SILENT, error) from None
            return self._client

    async def _drop(self, client: Any) -> None:
        if self._client is client:
            self._client = None
        if client is not None:
            await _closed(client)

    def _away(self, message: str, error: Exception) -> ClusterAway:
        log.warning("cluster.failed", scheduler=self._address, error=type(error).__name__)
        return ClusterAway(message, mend=_MEND)


async def _client(address: str) -> Any:
    """A connection; what it is told comes by way of the scheduler: nothing listens here, no worker need be reached."""
    from distributed import Client

    host, port = address.partition("://")[2].rsplit(":", 1)
    # Dask would go on knocking at a closed port until its time is up.
    _, knock = await asyncio.wait_for(asyncio.open_connection(host.strip("[]"), int(port)), CONNECT_S)
    knock.close()
    client = Client(  # type: ignore[no-untyped-call]
        address, asynchronous=True, timeout=CONNECT_S, set_as_default=False, direct_to_workers=False, name="vestry"
    )
    try:
        return await asyncio.wait_for(client, CONNECT_S)  # its own limit does not hold for the first handshake
    except TimeoutError:
        await _closed(client)
        raise


async def _closed(client: Any) -> None:
    with suppress(OSError):  # a scheduler that does not take leave
        await asyncio.wait_for(client.close(), CONNECT_S)


def _turning() -> asyncio.AbstractEventLoop:
    """A loop in a thread of its own, where every wait for the cluster has its end."""
    loop = asyncio.new_event_loop()
    # Dask leaves futures behind whose time ran out; what concerns a simulation is raised to its asker.
    loop.set_exception_handler(lambda _, told: log.debug("cluster.left_behind", message=told["message"]))

    def turn() -> None:
        loop.run_forever()
        loop.close()

    Thread(target=turn, name="cluster", daemon=True).start()
    return loop


def _worked(work: Callable[[Piece], Made], wanted: str, piece: Piece) -> Made:
    """On a worker: the piece, where its last bit will be the asker's."""
    if fingerprint() != wanted:
        raise WorkerDiffers("A worker has other packages, or another kind of processor, than this server.", mend=_MEND)
    return work(piece)


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Same fingerprint, same bits: our version and those of what computes, and what this processor makes of a probe.

    NumPy chooses its loops by processor, and their last bits may differ.
    """
    rng = np.random.default_rng(1)
    probe = rng.uniform(0.01, 10, 4_096)
    seen = hashlib.blake2b(
        repr((__version__, sys.version_info[:2], *map(_version, ("numpy", "scipy", "numba")))).encode()
    )
    for bits in (np.exp(probe), np.log(probe), np.power(probe, probe), np.sqrt(probe), np.cumsum(probe)):
        seen.update(bits.tobytes())
    for drawn in (rng.normal(size=4_096), rng.gamma(probe), rng.poisson(probe), rng.binomial(1_000, probe / 10)):
        seen.update(drawn.tobytes())
    return seen.hexdigest()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
