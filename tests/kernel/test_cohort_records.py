"""A company's cohorts from rows to records: the fund team's exercise, and every odd row."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from vestry.kernel import cohorts
from vestry.kernel.cohorts import FundedCohort, FundedPeriod, compute_company_cohort_cashflows
from vestry.kernel.errors import KernelError

GOLDEN = {case["id"]: case for case in yaml.safe_load((Path(__file__).parent / "golden" / "cohorts.yaml").read_text())}
TRADE = {"cohort_month": "2024-01-01", "sharing_percentage": "0.5", "cash_cap": "140"}
SPEND = {"cohort_month": "2024-01-01", "spend": "100"}


def paid(month: int, amount: str, customer: str = "a") -> dict[str, str]:
    return {"customer_id": customer, "payment_date": f"2024-{month:02d}-15", "amount": amount}


def test_a_funded_cohort_is_told_to_its_cap_and_its_rate() -> None:
    payments = [paid(month, "30") for month in range(1, 13)]
    [cohort] = compute_company_cohort_cashflows(7, [TRADE], payments, [SPEND], [])
    assert isinstance(cohort, FundedCohort)
    assert (cohort.company_id, cohort.cohort_month, cohort.customers) == (7, "2024-01-01", ("a",))
    assert [period.collected for period in cohort.periods if isinstance(period, FundedPeriod)] == [
        *[Decimal("15.00")] * 9,
        Decimal("5.00"),
        Decimal("0.00"),
        Decimal("0.00"),
    ]
    assert cohort.capped
    assert cohort.annual_irr == pytest.approx(GOLDEN["CVF-IRR"]["expected"]["annual_irr"], abs=5e-5)


def test_the_records_say_what_the_matrix_says() -> None:
    case = GOLDEN["CVF-006"]["inputs"]
    spends = [{"cohort_month": month, "spend": 1000} for month in ("2020-01-01", "2020-02-01", "2020-04-01")]
    payments = [
        {"customer_id": who, "payment_date": on, "amount": amount}
        for who, on, amount in (
            (1, "2020-01-01", 200),
            (1, "2020-02-01", 100),
            (2, "2020-02-01", 400),
            (2, "2020-03-01", 300),
            (3, "2020-04-01", 500),
        )
    ]
    terms = [{**one, "cohort_month": one.get("cohort_month", one.get("cohort_start"))} for one in case["trades"]]
    found = compute_company_cohort_cashflows(1, terms, payments, spends, case["thresholds"], "0.1")
    result = cohorts.cashflows(
        cohorts.matrix(payments),
        spends={one["cohort_month"]: one["spend"] for one in spends},
        terms=terms,
        thresholds=case["thresholds"],
        prediction=cohorts.Prediction("0.1", horizon=36),
    )
    assert len(found) == len(result.matrix) == 3
    for cohort in found:
        assert isinstance(cohort, FundedCohort)
        for period in cohort.periods:
            told = cohorts.explain(result, cohort.cohort_month, period.period)
            assert isinstance(period, FundedPeriod)
            assert (period.month, period.predicted, period.capped) == (told.month, told.predicted, told.capped)
            assert (period.threshold_failed, period.share_applied) == (told.threshold_failed, told.share_applied)
            assert period.threshold_expected_payment == told.minimum_payment
            assert period.payment == pytest.approx(told.payment, abs=Decimal("0.0001"))
            assert period.cumulative_collected == pytest.approx(told.cumulative_collected, abs=Decimal("0.0001"))
        assert len(cohort.periods) == 36


def test_the_first_payment_decides_whatever_a_row_says_and_objects_serve_as_rows() -> None:
    rows: list[Any] = [
        SimpleNamespace(customer_id="a", payment_date="2024-03-01", amount="5", cohort_month="2024-03-01"),
        SimpleNamespace(customer_id="a", payment_date="2024-01-31", amount="-2.50", cohort_month="2024-03-01"),
        SimpleNamespace(customer_id="b", payment_date="2024-03-09", amount="7", cohort_month="2020-01-01"),
    ]
    january, march = compute_company_cohort_cashflows(1, [], rows, [], [{**MINIMUM}])
    assert [(one.cohort_month, one.customers, one.spend) for one in (january, march)] == [
        ("2024-01-01", ("a",), None),
        ("2024-03-01", ("b",), None),
    ]
    assert [period.payment for period in january.periods] == [Decimal("-2.50"), Decimal("0.00"), Decimal("5.00")]
    assert not isinstance(january, FundedCohort)


MINIMUM = {"payment_period_month": 1, "minimum_payment_percent": "0.25"}


def test_terms_without_payments_or_spend_have_an_answer() -> None:
    [cohort] = compute_company_cohort_cashflows(1, [TRADE | {"cash_cap": None}], [], [], [MINIMUM])
    assert isinstance(cohort, FundedCohort)
    assert (cohort.periods, cohort.cash_cap, cohort.annual_irr, cohort.irr_status) == ((), None, None, "no_spend")
    assert compute_company_cohort_cashflows(1, [], [], [], []) == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"payments": [{"customer_id": 1, "amount": 2}]}, "no payment_date"),
        ({"payments": "abc"}, "payments is a list of rows"),
        ({"spends": [{"spend": 2}]}, "no cohort_month"),
        ({"spends": [SPEND, SPEND]}, "two spend"),
        ({"trades": [{"cohort_month": "2024-01-01"}]}, "sharing"),
        ({"trades": [TRADE | {"cash_cap": 0}]}, "cash cap must be positive"),
        ({"churn": "1.5"}, "churn is a fraction"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, Any], says: str) -> None:
    whole: dict[str, Any] = {"trades": [], "payments": [], "spends": [], "thresholds": []} | given
    with pytest.raises(KernelError, match=says):
        compute_company_cohort_cashflows(1, **whole)
