"""Reading what people type into a form, strictly: what could mean two things is asked back, never guessed. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from vestry.core.fields import decimal_text
from vestry.core.types import FRACTION_SCALE, MONEY_SCALE
from vestry.kernel.metrics import MetricDefinition as Definition

TEXT_CHARACTERS_MAX: Final = 60
DIGITS_MAX: Final = 14  # before the decimal point
PERCENT_FROM: Final = 2  # a ratio above it without a % may be a percentage
_GROUPED: Final = re.compile(r"\d{1,3}([, '’])\d{3}(\1\d{3})*(\.\d+)?", re.ASCII)
_PLAIN: Final = re.compile(r"\d+(\.\d+)?|\.\d+", re.ASCII)
_SPACES: Final = str.maketrans(dict.fromkeys("\u00a0\u2009\u202f", " "))
_MINUS: Final = str.maketrans({"−": "-", "–": "-"})


@dataclass(frozen=True, slots=True)
class Read:
    """A figure that was understood, or why it was not: a stable ``code`` and a sentence."""

    figure: Decimal | None
    code: str | None = None
    problem: str | None = None


def read(text: str, definition: Definition) -> Read:
    """The figure a text names: ``1,234.50``, ``-12``, ``93%``. A ratio is a fraction or has its percent sign."""
    plain = text.translate(_SPACES).translate(_MINUS).strip()
    percent = plain.endswith("%")
    if percent:
        plain = plain[:-1].rstrip()
    sign = -1 if plain.startswith("-") or (plain.startswith("(") and plain.endswith(")")) else 1
    digits = plain.removeprefix("-").removeprefix("+").strip()
    if plain.startswith("(") and plain.endswith(")"):
        digits = plain[1:-1].strip()
    if _GROUPED.fullmatch(digits):
        digits = re.sub(r"[, '’]", "", digits)
    if not _PLAIN.fullmatch(digits):
        return _not_a_number(text, digits)
    if len(digits.partition(".")[0]) > DIGITS_MAX:
        return Read(None, "beyond_range", "That is larger than any figure we keep.")
    figure = Decimal(digits) * sign + 0
    if percent:
        if definition.unit != "ratio":
            return Read(None, "not_a_percentage", f"{definition.label} is no percentage; leave the % out.")
        figure /= 100
    elif definition.unit == "ratio" and abs(figure) > PERCENT_FROM:
        shown = decimal_text(figure)
        return Read(None, "percent_or_fraction", f"Do you mean {shown} %? Then write {shown}%.")
    return _within(figure, definition)


def _within(figure: Decimal, definition: Definition) -> Read:
    places = -int(figure.normalize().as_tuple().exponent)
    most = FRACTION_SCALE if definition.unit == "ratio" else MONEY_SCALE
    if places > most:
        return Read(None, "beyond_range", f"At most {most} decimal places are kept.")
    if definition.unit == "count" and definition.sign == "positive" and figure < 0:
        return Read(None, "negative_count", f"{definition.label} cannot be {decimal_text(figure)}.")
    return Read(figure)


def _not_a_number(text: str, digits: str) -> Read:
    shown = text.strip()[:40]
    if re.fullmatch(r"\d+,\d{1,2}", digits, re.ASCII):
        return Read(None, "comma_or_point", f"Is {shown} a decimal? Then write {digits.replace(',', '.')}.")
    if re.fullmatch(r"[\d.,' ]+", digits, re.ASCII):
        return Read(None, "not_a_number", f"{shown} can be read in two ways; write it like 1234567.89.")
    return Read(None, "not_a_number", f"{shown} is not a number; write it like 1234567.89, without words.")


def change(figure: Decimal, before: Decimal | None) -> Decimal | None:
    """By which fraction a figure lies above (below: negative) the one before; None where there is nothing to measure
    from."""
    return None if before is None or not before else (figure - before) / abs(before)


def percent_text(fraction: Decimal) -> str:
    """A change as people say it: ``46 %``."""
    return f"{abs(fraction * 100):,.0f} %"
