"""Chunks of a fixed number of paths, each with its own child of the seed: the same bits on any number of threads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vestry.kernel.errors import KernelError

# Small enough that a chunk's arrays stay in the cache; part of the meaning of a seed, so never a setting.
CHUNK = 4096


def in_chunks(work: Callable[[np.random.Generator, int, int], None], paths: int, seed: int, workers: int) -> None:
    """Call ``work(generator, start, stop)`` for each chunk; a chunk is always drawn whole and cut at ``stop``.

    So the first n paths of a longer run are those of a run of n.
    """
    if paths < 1:
        raise KernelError(f"paths must be at least 1, got {paths}")
    if workers < 1:
        raise KernelError(f"workers must be at least 1, got {workers}")
    if seed < 0:
        raise KernelError(f"seed must not be negative, got {seed}")
    starts = range(0, paths, CHUNK)
    children = np.random.SeedSequence(seed).spawn(len(starts))

    def one(number: int) -> None:
        generator = np.random.Generator(np.random.SFC64(children[number]))
        work(generator, starts[number], min(starts[number] + CHUNK, paths))

    if workers == 1 or len(starts) == 1:
        for number in range(len(starts)):
            one(number)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(one, range(len(starts))):
            pass
