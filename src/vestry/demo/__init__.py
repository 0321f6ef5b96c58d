"""A demo firm that ties out: seeded, deterministic, of any size."""

from vestry.demo.load import load_demo

__all__ = ["load_demo"]
