"""A long calculation in pieces that know nothing of each other: where they run is not the kernel's to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import numpy as np

from vestry.kernel.errors import KernelError
from vestry.kernel.simulation.chunks import CHUNK

Piece = TypeVar("Piece")
Made = TypeVar("Made")


class Runner(Protocol):
    """Calls ``work`` with each piece, wherever it likes, and gives the results in the pieces' order.

    ``work`` and the pieces can be pickled; an error of one is the caller's.
    """

    def run(self, work: Callable[[Piece], Made], pieces: Sequence[Piece]) -> list[Made]:
        """The results."""


class Here:
    """One after the other, where it was asked."""

    def run(self, work: Callable[[Piece], Made], pieces: Sequence[Piece]) -> list[Made]:
        """The results."""
        return [work(piece) for piece in pieces]


HERE = Here()


def draws(paths: int, rng: np.random.Generator) -> list[tuple[np.random.Generator, int]]:
    """Which generator draws how many of the paths: up to 4,096 ``rng`` itself, beyond a child of it for each 4,096.

    So the bits follow from ``rng`` and ``paths`` alone, however many hands the pieces are given to.
    """
    if paths <= CHUNK:
        return [(rng, paths)]
    starts = range(0, paths, CHUNK)
    try:
        children = rng.spawn(len(starts))
    except TypeError:
        raise KernelError("the generator has no seed to derive others from: make it with default_rng(seed)") from None
    return [(child, min(CHUNK, paths - start)) for child, start in zip(children, starts, strict=True)]
