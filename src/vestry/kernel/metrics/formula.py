"""Formulas that a person can type: arithmetic on metric keys and a few functions of time, evaluated in Decimal."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, DecimalException
from threading import Lock

from vestry.kernel.errors import KernelError
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded

EXACT = Context(prec=34)
FUNCTIONS = ("abs", "if_positive", "ltm", "max", "mean", "min", "previous", "year_ago")
CONSTANTS = ("periods_per_year", "months_per_period")
LONGEST = 1000
_ONE_AT_A_TIME = Lock()  # in CPython 3.11 two threads that parse at once fail now and then with a SystemError


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure, or ``None`` with the reason it does not exist, and what it was computed from."""

    value: Decimal | None
    reason: str | None = None
    formula: str = ""
    inputs: Mapping[str, Decimal | None] = field(default_factory=dict)

    def explain(self) -> Explain:
        """The formula with its inputs."""
        said = self.value if self.value is not None else f"none: {self.reason}"
        return Explain("metric", dict(self.inputs), (Step("value", self.formula, said),))


Series = Mapping[str, Sequence[Metric]]


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula: its text, the metrics it names, and its tree."""

    text: str
    names: tuple[str, ...]
    tree: ast.expr

    def at(self, period: int, series: Series, periods_per_year: int) -> Metric:
        """The formula's value in one period of consecutive ones; ``None`` as soon as one part is."""
        walk = _Walk(series, periods_per_year)
        found = walk.value(self.tree, period)
        inputs = {name: series[name][period].value for name in self.names}
        return Metric(found.value, found.reason, self.text, inputs)


@guarded
def parse(text: str) -> Formula:
    """A formula such as ``ltm(gross_profit) / ltm(revenue)``.

    Numbers, metric keys, + − × ÷, brackets and: ``previous(x)`` last period, ``year_ago(x)`` the same period a year
    before, ``ltm(x)`` sum over the last twelve months, ``mean(x, n)`` over the last n periods, ``if_positive(x)``
    (nothing unless above 0), ``abs``, ``min``, ``max``; the constants ``periods_per_year`` (12, 4, 2, 1) and
    ``months_per_period``. Anything else is refused: a formula is data, it cannot run code.
    """
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        raise KernelError(f"a formula is text of at most {LONGEST} characters")
    try:
        with _ONE_AT_A_TIME:
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise KernelError(f"the formula {text!r} cannot be read") from None
    names: dict[str, None] = {}
    _check(tree, names, 0)
    return Formula(text.strip(), tuple(names), tree)


def _check(node: ast.expr, names: dict[str, None], depth: int) -> None:
    if depth > 50:
        raise KernelError("the formula is nested too deeply")
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            _check(left, names, depth + 1)
            _check(right, names, depth + 1)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _check(operand, names, depth + 1)
        case ast.Constant(value=value) if isinstance(value, (int, float)) and not isinstance(value, bool):
            if not Decimal(str(value)).is_finite():
                raise KernelError("a number in a formula must be finite")
        case ast.Name(id=name):
            if name not in CONSTANTS:
                names[name] = None
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            _check_call(name, arguments)
            for argument in arguments:
                _check(argument, names, depth + 1)
        case _:
            raise KernelError(f"a formula holds numbers, metrics, + − × ÷ and {', '.join(FUNCTIONS)} only")


def _check_call(name: str, arguments: Sequence[ast.expr]) -> None:
    if name in ("min", "max"):
        if len(arguments) < 2:
            raise KernelError(f"{name} compares two or more values")
    elif name == "mean":
        last = arguments[-1] if len(arguments) == 2 else None
        if not (isinstance(last, ast.Constant) and isinstance(last.value, int) and 0 < last.value <= 120):
            raise KernelError("mean takes a value and a whole number of periods, as mean(cash_burn, 3)")
    elif len(arguments) != 1:
        raise KernelError(f"{name} takes one value")


@guarded
def looks_back(formula: Formula, periods_per_year: int) -> list[tuple[str, int]]:
    """What a formula's value in a period is computed from: each metric it names, with how many periods back."""
    found: dict[tuple[str, int], None] = {}
    _look(formula.tree, 0, periods_per_year, found)
    return list(found)


def _look(node: ast.expr, back: int, per_year: int, found: dict[tuple[str, int], None]) -> None:
    match node:
        case ast.Name(id=name) if name not in CONSTANTS:
            found[name, back] = None
        case ast.UnaryOp(operand=one):
            _look(one, back, per_year, found)
        case ast.BinOp(left=left, right=right):
            _look(left, back, per_year, found)
            _look(right, back, per_year, found)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            shifts: Iterable[int] = (0,)
            match name:
                case "previous":
                    shifts = (1,)
                case "year_ago":
                    shifts = (per_year,)
                case "ltm":
                    shifts = range(per_year)
                case "mean":
                    shifts = range(int(ast.unparse(arguments[1])))
            for shift in shifts:
                for argument in arguments:
                    _look(argument, back + shift, per_year, found)


class _Walk:
    """Evaluates one tree; a missing part makes the whole missing and says which part it was."""

    def __init__(self, series: Series, periods_per_year: int) -> None:
        self.series, self.per_year = series, periods_per_year

    def value(self, node: ast.expr, period: int) -> Metric:
        match node:
            case ast.Constant(value=value):
                return Metric(Decimal(str(value)))
            case ast.Name(id="periods_per_year"):
                return Metric(Decimal(self.per_year))
            case ast.Name(id="months_per_period"):
                return Metric(Decimal(12 // self.per_year))
            case ast.Name(id=name):
                return self.named(name, period)
            case ast.UnaryOp(op=op, operand=operand):
                found = self.value(operand, period)
                if found.value is None or not isinstance(op, ast.USub):
                    return found
                return Metric(EXACT.minus(found.value))  # a plain sign would round to the digits of the context
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(self.value(left, period), op, self.value(right, period), right)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self.call(name, arguments, period)
        raise KernelError("the formula was not parsed by parse()")

    def named(self, name: str, period: int) -> Metric:
        if period < 0:
            return Metric(None, f"no earlier period of {name}")
        found = self.series[name][period]
        return found if found.value is not None else Metric(None, found.reason or f"missing: {name}")

    def binary(self, left: Metric, op: ast.operator, right: Metric, divisor: ast.expr) -> Metric:
        if left.value is None or right.value is None:
            return left if left.value is None else right
        try:
            match op:
                case ast.Add():
                    return Metric(EXACT.add(left.value, right.value))
                case ast.Sub():
                    return Metric(EXACT.subtract(left.value, right.value))
                case ast.Mult():
                    return Metric(EXACT.multiply(left.value, right.value))
            if right.value == 0:
                return Metric(None, f"division by zero: {ast.unparse(divisor)}")
            return Metric(EXACT.divide(left.value, right.value))
        except DecimalException:
            return Metric(None, "too large to compute")

    def call(self, name: str, arguments: Sequence[ast.expr], period: int) -> Metric:
        one = arguments[0]
        match name:
            case "previous":
                return self.value(one, period - 1)
            case "year_ago":
                return self.value(one, period - self.per_year)
            case "ltm":
                return self.over(one, period, self.per_year, mean=False)
            case "mean":
                last = arguments[1]
                assert isinstance(last, ast.Constant)
                return self.over(one, period, int(str(last.value)), mean=True)
            case "if_positive":
                found = self.value(one, period)
                if found.value is not None and found.value <= 0:
                    return Metric(None, f"not positive: {ast.unparse(one)}")
                return found
            case "abs":
                found = self.value(one, period)
                return found if found.value is None else Metric(EXACT.abs(found.value))
        return self.extreme(min if name == "min" else max, [self.value(argument, period) for argument in arguments])

    def over(self, node: ast.expr, period: int, count: int, *, mean: bool) -> Metric:
        """Sum or mean of the last ``count`` periods, all of which must be there."""
        total = Decimal(0)
        for at in range(period - count + 1, period + 1):
            found = self.value(node, at)
            if found.value is None:
                return found
            total = EXACT.add(total, found.value)
        return Metric(EXACT.divide(total, Decimal(count)) if mean else total)

    @staticmethod
    def extreme(pick: Callable[[list[Decimal]], Decimal], values: list[Metric]) -> Metric:
        known = [found.value for found in values if found.value is not None]
        return Metric(pick(known)) if len(known) == len(values) else next(v for v in values if v.value is None)
