"""Reported amounts in another currency, each with the ladder of how it came about.

Flows are converted at the average of their own period's published rates, stocks at the last one published by the end of
the period; share capital keeps, layer by layer, the rate of the period in which it was paid in (IAS 21). Nothing is
rounded here: figures are rounded once, where they are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Context, Decimal
from typing import Any, Final

from vestry.core.fields import decimal_text
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.market.rates import FxRates, NoFxRate, Quoted
from vestry.metrics.book import Cell, Reported, as_reported

HISTORICAL: Final = frozenset({"share_capital"})
_FULL: Final = Context(prec=34)
_Key = tuple[str, str, date, date]


class Conversion:
    """Turns reported amounts into one currency; each rate is looked up once, whatever number of figures it converts.

    Without ``told`` the ladder of a figure says that it was converted and nothing else: writing it out costs more than
    converting."""

    def __init__(self, rates: FxRates, currency: str, *, told: bool = True) -> None:
        self.rates, self.currency, self.told = rates, currency, told
        self._found: dict[_Key, Quoted | str] = {}
        self._layers: dict[int, Cell] = {}

    def again(self) -> Conversion:
        """The same for another company's rows: with the rates that were looked up, without what was prepared."""
        other = Conversion(self.rates, self.currency, told=self.told)
        other._found = self._found
        return other

    def prepare(self, rows: Sequence[Reported]) -> Conversion:
        """Looks at a company's rows as a whole, for what keeps its historical rates."""
        for key in {(row.metric, row.period.kind) for row in rows if row.metric in HISTORICAL}:
            layers = [row for row in rows if (row.metric, row.period.kind) == key]
            self._layer(sorted(layers, key=lambda row: row.period.end))
        return self

    def __call__(self, row: Reported, definition: Definition) -> Cell:
        """The figure in the currency asked for, or the reason why there is none; what it replaced in that currency."""
        found = self._converted(row, definition)
        return found if row.before is None else replace(found, before=self._before(row, definition))

    def _before(self, row: Reported, definition: Definition) -> Decimal | None:
        """What a restated figure replaced, in the currency asked for; None without a rate."""
        assert row.before is not None
        if definition.unit != "money" or row.before_currency in (None, self.currency):
            return row.before
        period = row.period
        found = self.quoted(str(row.before_currency), definition.conversion, period.starts_on, period.ends_on)
        return None if isinstance(found, str) else _FULL.multiply(row.before, found.rate.value)

    def _converted(self, row: Reported, definition: Definition) -> Cell:
        if definition.unit != "money" or row.currency in (None, self.currency):
            return as_reported(row, definition)
        if row.id in self._layers:
            return self._layers[row.id]
        rule = definition.conversion
        found = self.quoted(str(row.currency), rule, row.period.starts_on, row.period.ends_on)
        if isinstance(found, str):
            return Cell(None, "none", self.currency, found, (row,))
        value = _FULL.multiply(row.value, found.rate.value)
        return Cell(value, "reported", self.currency, None, (row,), ladder=(self.step(row.value, value, found, rule),))

    def quoted(self, currency: str, rule: str, starts_on: date, ends_on: date) -> Quoted | str:
        """The rate by its rule, or why there is none."""
        key = (currency, rule, starts_on, ends_on)
        if key not in self._found:
            try:
                if rule == "average":
                    self._found[key] = self.rates.average(currency, self.currency, starts_on, ends_on)
                else:
                    self._found[key] = self.rates.rate(currency, self.currency, ends_on)
            except NoFxRate as error:
                self._found[key] = error.message
        return self._found[key]

    def step(self, amount: Decimal, value: Decimal, quoted: Quoted, rule: str) -> dict[str, Any]:
        """One rung of the ladder: the amount, the rate with its day, rule and legs, and what it comes to."""
        if not self.told:
            return {"rule": rule}
        rate = quoted.rate
        return {
            "amount": decimal_text(amount),
            "from": rate.base,
            "to": rate.quote,
            "rule": rule,
            "rate": decimal_text(rate.value),
            "asked_on": rate.asked_on.isoformat(),
            "published_on": rate.published_on.isoformat(),
            "stale": rate.stale,
            "source": quoted.source,
            "rate_id": quoted.rate_id,
            "legs": [{"currency": code, "per_base": decimal_text(leg)} for code, leg in rate.legs],
            "value": decimal_text(value),
        }

    def _layer(self, rows: Sequence[Reported]) -> None:
        """Each increase at the closing rate of the period in which it appeared; a decrease at the mean of what is
        there, so that nothing paid in is translated anew."""
        local, total = Decimal(0), Decimal(0)
        steps: tuple[Any, ...] = ()
        for row in rows:
            if row.currency == self.currency:
                return
            grown = row.value - local
            if local > 0 and grown < 0:
                added = _FULL.divide(_FULL.multiply(total, grown), local)
                steps = (*steps, {"amount": decimal_text(grown), "rule": "historical, the mean of the layers"})
            elif grown:
                found = self.quoted(str(row.currency), "historical", row.period.starts_on, row.period.ends_on)
                if isinstance(found, str):
                    self._layers[row.id] = Cell(None, "none", self.currency, found, (row,))
                    return
                added = _FULL.multiply(grown, found.rate.value)
                steps = (*steps, self.step(grown, added, found, "historical"))
            else:
                added = Decimal(0)
            local, total = row.value, _FULL.add(total, added)
            self._layers[row.id] = Cell(total, "reported", self.currency, None, (row,), ladder=steps)
