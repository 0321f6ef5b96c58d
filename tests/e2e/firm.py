"""The firm the browser tests look at, told over the API: one fund with two investors and two companies."""

from __future__ import annotations

from typing import Any

import httpx2


def tell(client: httpx2.Client) -> dict[str, Any]:
    """Records the firm's facts; gives the ids the tests need.

    Called and paid in 3,000,000 of 10,000,000; distributed 500,000; Arcwell cost 1,000,000 and is marked 2,000,000,
    Kestrel cost 800,000 and was sold for 1,200,000.
    """

    def post(path: str, **body: Any) -> Any:
        answer = client.post(f"/{path}", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    fund = post("funds", name="Alder Growth I", currency="USD", strategy="growth", vintage_year=2020)["id"]
    empty = post("funds", name="Birch Seed", currency="USD", strategy="venture", vintage_year=2025)["id"]
    investors = [post("investors", name=name)["id"] for name in ("Cedar Pension", "Dogwood Endowment")]
    for investor, amount in zip(investors, ("6000000", "4000000"), strict=True):
        post("commitments", fund_id=fund, investor_id=investor, committed_on="2020-01-15", amount=amount)
    for on, amount in (("2020-02-01", "2000000"), ("2021-02-01", "1000000")):
        post("capital-calls", fund_id=fund, called_on=on, due_on=on, paid_on=on, investments=amount)
    arcwell = post(
        "investments", fund_id=fund, company_name="Arcwell", invested_on="2020-03-01", amount="1000000", ownership="0.1"
    )
    kestrel = post(
        "investments",
        fund_id=fund,
        company_name="Kestrel",
        invested_on="2020-06-01",
        amount="800000",
        exit_date="2023-05-31",
        exit_amount="1200000",
    )
    post("marks", holding_id=arcwell["holding_id"], measured_on="2022-12-31", fair_value="2000000", method="last_round")
    paid = "2023-06-30"
    post("distributions", fund_id=fund, declared_on=paid, due_on=paid, paid_on=paid, return_of_capital="500000")
    post("vehicle-entries", fund_id=fund, kind="management_fee", entered_on="2020-12-31", amount="200000")
    cohorts = f"companies/{arcwell['company']['id']}"
    for month in ("2024-01-01", "2024-02-01"):
        post(f"{cohorts}/spends", cohort_month=month, spend="1000")
        post(f"{cohorts}/trades", cohort_month=month, sharing_percentage="0.5", cash_cap="1000")
    post(f"{cohorts}/thresholds", payment_period_month=1, minimum_payment_percent="0.15")
    for customer, on, amount in (("a", "2024-01-10", "400"), ("a", "2024-02-10", "100"), ("b", "2024-02-20", "250")):
        post(f"{cohorts}/payments", customer_id=customer, payment_date=on, amount=amount)
    return {
        "fund": fund,
        "empty": empty,
        "investor": investors[0],
        "company": arcwell["company"]["id"],
        "sold": kestrel["company"]["id"],
    }
