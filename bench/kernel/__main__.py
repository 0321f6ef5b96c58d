"""``python -m bench.kernel --json`` runs every bench of the kernel."""

import importlib
import pkgutil
from collections.abc import Iterator

import bench.kernel
from bench import harness


def rows() -> Iterator[harness.Row]:
    """The rows of every module of this folder, in the order of their names."""
    for found in sorted(pkgutil.iter_modules(bench.kernel.__path__), key=lambda module: module.name):
        if not found.name.startswith("__"):
            yield from importlib.import_module(f"bench.kernel.{found.name}").rows()


if __name__ == "__main__":
    harness.main(rows)
