"""Names of things in sentences, in the words of the pages: ``Q4 2022`` and not its label ``2022-Q4``.

The codes themselves stand in fields of their own, for programs.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_QUARTER: Final = re.compile(r"([0-9]{4})-Q([1-4])")
_MONTH: Final = re.compile(r"(LTM-)?([0-9]{4})-(0[1-9]|1[0-2])")


def month_text(day: date) -> str:
    """The month a day is in: ``Sep 2026``."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def period_text(label: str) -> str:
    """A period by its label: ``Q4 2022``, ``Sep 2026``, ``LTM Sep 2026``, ``2022``; any other label as it is."""
    quarter, month = _QUARTER.fullmatch(label), _MONTH.fullmatch(label)
    if quarter:
        return f"Q{quarter[2]} {quarter[1]}"
    if month:
        return f"{'LTM ' if month[1] else ''}{_MONTHS[int(month[3]) - 1]} {month[2]}"
    return label


def role_text(role: str) -> str:
    """A role: ``company contact``."""
    return role.replace("_", " ")
