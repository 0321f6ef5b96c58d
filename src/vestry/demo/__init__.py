"""A demo firm that ties out: seeded, deterministic; its funds of any size, its cohort fund beside them."""

from vestry.demo.cohorts import load_cohort_fund
from vestry.demo.load import load_demo
from vestry.demo.rules import load_rules

__all__ = ["load_cohort_fund", "load_demo", "load_rules"]
