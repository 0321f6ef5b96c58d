"""Every change to acquisition spend."""

from __future__ import annotations

from typing import Final

from vestry.cohorts.facts import Noun
from vestry.cohorts.models import AcquisitionSpend
from vestry.core.errors import Conflict


class SpendExists(Conflict):
    """A live spend of the same cohort month."""


SPEND: Final = Noun(
    AcquisitionSpend,
    "spend",
    "cohort_data.change",
    ("cohort_month",),
    SpendExists,
    ("id", "company_id", "cohort_month", "spend", "version", "recorded_at"),
)
