"""The formulas of the field, as pure functions on immutable values and NumPy arrays.

Nothing is loaded until it is asked for: ``from vestry.kernel import returns`` costs what ``returns`` costs.
"""

__all__ = [
    "captable",
    "cashflows",
    "churn",
    "cohorts",
    "dates",
    "errors",
    "fees",
    "fx",
    "lbo",
    "lots",
    "metrics",
    "money",
    "pme",
    "returns",
    "risk",
    "simulation",
    "valuation",
    "waterfall",
]
