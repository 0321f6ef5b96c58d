"""Every change to thresholds, and to the breaches that were set aside."""

from __future__ import annotations

from typing import Final

from vestry.cohorts.facts import Noun
from vestry.cohorts.models import PaymentThreshold, ThresholdOverride
from vestry.core.errors import Conflict


class ThresholdExists(Conflict):
    """A live threshold of the same period."""


class OverrideExists(Conflict):
    """The breach of that cohort and period is set aside already."""


THRESHOLD: Final = Noun(
    PaymentThreshold,
    "threshold",
    "cohort_terms.change",
    ("payment_period_month",),
    ThresholdExists,
    ("id", "company_id", "payment_period_month", "minimum_payment_percent", "version", "recorded_at"),
)
OVERRIDE: Final = Noun(
    ThresholdOverride,
    "threshold override",
    "cohort_terms.change",
    ("cohort_month", "payment_period_month"),
    OverrideExists,
    (
        "id",
        "company_id",
        "cohort_month",
        "payment_period_month",
        "reason",
        "approved_by",
        "version",
        "recorded_at",
    ),
)
