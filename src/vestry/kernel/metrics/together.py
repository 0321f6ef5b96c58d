"""Derived metrics of many companies at once: an array for every operation, the same digits as one by one.

A figure that is not there is a quiet NaN, which every operation hands on; no trap is set, so that one company's
division by nought stops no other. Why a figure is missing is told by :func:`~vestry.kernel.metrics.evaluate`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal, Overflow, localcontext
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vestry.kernel.errors import KernelError
from vestry.kernel.metrics.definitions import Aggregation
from vestry.kernel.metrics.formula import EXACT, Formula

Block = NDArray[np.object_]  # companies down, periods across
Flags = NDArray[np.bool_]
MISSING: Final = Decimal("NaN")
_QUIET: Final = Context(prec=EXACT.prec, traps=[])


def is_missing(block: Any) -> Flags:
    """Where there is no figure."""
    found: Flags = np.not_equal(block, block).astype(np.bool_)
    return found


def evaluate_together(
    values: Mapping[str, Block], formulas: Mapping[str, Formula], shape: tuple[int, int], *, periods_per_year: int
) -> dict[str, Block]:
    """Every formula for every company and period, ``shape`` of them.

    ``values``: the figures that the formulas name and none of them computes, a row a company, a column a period,
    oldest first and without a gap; NaN where nothing was reported. ``formulas``: each after those it is computed from
    (see :func:`~vestry.kernel.metrics.graph.formulas_in_order`).
    """
    series = dict(values)
    with localcontext(_QUIET) as context:
        for key, formula in formulas.items():
            found = _Walk(series, periods_per_year, context).value(formula.tree)
            series[key] = found if isinstance(found, np.ndarray) else np.full(shape, found, dtype=object)
    return {key: series[key] for key in formulas}


def aggregate_together(blocks: Sequence[Block], how: Aggregation) -> Block:
    """Shorter periods as one longer, as :func:`~vestry.kernel.metrics.aggregate` does: complete or none at all."""
    if how not in ("sum", "last", "mean"):
        raise KernelError(f"{how!r} does not add up: derived metrics are recomputed")
    if how == "last":
        return blocks[-1]
    with localcontext(_QUIET):
        total: Any = Decimal(0)
        for block in blocks:
            total = total + block
        found: Block = total if how == "sum" else total / Decimal(len(blocks))
        return found


def times(block: Block, factors: Block | Decimal) -> Block:
    """Their products, missing where either is."""
    with localcontext(_QUIET):
        found: Block = block * factors
        return found


class _Walk:
    """Evaluates one tree over all companies and periods; what names no metric stays a single number."""

    def __init__(self, series: Mapping[str, Block], periods_per_year: int, context: Context) -> None:
        self.series, self.per_year, self.context = series, periods_per_year, context

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return Decimal(str(value))
            case ast.Name(id="periods_per_year"):
                return Decimal(self.per_year)
            case ast.Name(id="months_per_period"):
                return Decimal(12 // self.per_year)
            case ast.Name(id=name):
                return self.series[name]
            case ast.UnaryOp(op=op, operand=operand):
                found = self.value(operand)
                return -found if isinstance(op, ast.USub) else found
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(self.value(left), op, self.value(right))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self.call(name, arguments)
        raise KernelError("the formula was not parsed by parse()")

    def binary(self, left: Any, op: ast.operator, right: Any) -> Any:
        match op:
            case ast.Add():
                return self.bounded(left + right)
            case ast.Sub():
                return self.bounded(left - right)
            case ast.Mult():
                return self.bounded(left * right)
        return self.bounded(left / where(right == 0, MISSING, right))

    def bounded(self, found: Any) -> Any:
        """What grew beyond all numbers is missing."""
        if not self.context.flags[Overflow]:
            return found
        self.context.flags[Overflow] = False
        return where(abs(found) == Decimal("Infinity"), MISSING, found)

    def call(self, name: str, arguments: list[ast.expr]) -> Any:
        one = self.value(arguments[0])
        match name:
            case "previous":
                return _back(one, 1)
            case "year_ago":
                return _back(one, self.per_year)
            case "ltm":
                return self.over(one, self.per_year)
            case "mean":
                count = arguments[1]
                assert isinstance(count, ast.Constant)
                return self.over(one, int(str(count.value))) / Decimal(int(str(count.value)))
            case "if_positive":
                return where(one <= 0, MISSING, one)
            case "abs":
                return abs(one)
        for argument in arguments[1:]:
            other = self.value(argument)
            picked = where(other < one if name == "min" else other > one, other, one)
            one = where(is_missing(other), MISSING, picked)
        return one

    def over(self, one: Any, count: int) -> Any:
        total: Any = Decimal(0)
        for back in reversed(range(count)):
            total = self.bounded(total + _back(one, back))
        return total


def where(is_so: Any, then: Any, otherwise: Any) -> Any:
    """The one or the other of each place; of single numbers, one of the two."""
    if isinstance(is_so, np.ndarray):
        return np.where(is_so.astype(np.bool_), then, otherwise)
    return then if is_so else otherwise


def _back(one: Any, periods: int) -> Any:
    """Each period's figure of so many periods before; a single number is the same in all."""
    if not isinstance(one, np.ndarray) or not periods:
        return one
    found = np.full(one.shape, MISSING, dtype=object)
    found[:, periods:] = one[:, :-periods] if periods < one.shape[1] else found[:, periods:]
    return found
