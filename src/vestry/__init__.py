"""Vestry: one ledger of dated flows and marks, and every figure computed from it."""

__version__ = "0.1.0"
