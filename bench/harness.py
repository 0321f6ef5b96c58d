"""Runs peer, ours and limit alternately and prints their ratios; a disagreement of results fails the run."""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a bench: seconds (or the unit ``name`` states) and peer ÷ ours against its reach."""

    name: str
    ours: float
    peer: float | None
    limit: float | None
    ratio: float | None
    reach: float | None
    ok: bool


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call, with the garbage collector out of the way."""
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started
    finally:
        gc.enable()


def compare(
    name: str,
    *,
    ours: Callable[[], object],
    peer: Callable[[], object] | None = None,
    limit: Callable[[], object] | None = None,
    reach: float | None = None,
    at_most: bool = False,
    rounds: int = 5,
    peer_rounds: int | None = None,
) -> Row:
    """Medians of ``rounds`` alternating runs after one warm-up of ours; the ratio is the median of the pairs' ratios.

    ``peer_rounds`` runs a peer of many seconds less often. ``at_most`` reads ``reach`` as an upper bound on
    ours ÷ peer (for costs such as start-up) instead of a lower bound on peer ÷ ours.
    """
    ours()
    ours_s, peer_s, limit_s = [], [], []
    for turn in range(rounds):
        if peer is not None and turn < (peer_rounds or rounds):
            peer_s.append(seconds(peer))
        ours_s.append(seconds(ours))
        if limit is not None:
            limit_s.append(seconds(limit))
    return row(name, ours_s, peer_s, limit_s, reach=reach, at_most=at_most)


def row(
    name: str,
    ours: list[float],
    peer: list[float],
    limit: list[float],
    *,
    reach: float | None,
    at_most: bool = False,
) -> Row:
    """A row from measured series; pairs beyond the shorter series use its median."""
    middle = statistics.median
    ratio = None
    if peer:
        pairs = [(peer[i] if i < len(peer) else middle(peer)) / ours[i] for i in range(len(ours))]
        ratio = middle(pairs)
        if at_most:
            ratio = 1 / ratio
    good = reach is None or (ratio is not None and (ratio <= reach if at_most else ratio >= reach))
    return Row(
        name,
        middle(ours),
        middle(peer) if peer else None,
        middle(limit) if limit else None,
        ratio,
        reach,
        good,
    )


def main(rows: Callable[[], Iterable[Row]]) -> None:
    """Print the rows as a table, or as JSON with ``--json``; exit 1 when a row misses its reach."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true", help="a JSON list on standard output")
    as_json = parser.parse_args().json
    done: list[Row] = []
    for one in rows():
        done.append(one)
        print(_line(one), file=sys.stderr if as_json else sys.stdout, flush=True)
    if as_json:
        print(json.dumps([asdict(one) for one in done]))
    else:
        print(f"load {os.getloadavg()[0]:.1f}")
    sys.exit(0 if all(one.ok for one in done) else 1)


def _line(one: Row) -> str:
    def figure(value: float | None) -> str:
        return "-" if value is None else f"{value:.6g}"

    mark = "ok  " if one.ok else "MISS"
    return (
        f"{mark} {one.name}: ours {figure(one.ours)}, peer {figure(one.peer)}, "
        f"limit {figure(one.limit)}, ratio {figure(one.ratio)}, reach {figure(one.reach)}"
    )
