"""Holdings with their figures over HTTP, on both databases."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

API = "/api/v1"


def post(client: TestClient, path: str, **body: Any) -> Any:
    answer = client.post(f"{API}/{path}", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def fund_of_two(client: TestClient) -> int:
    """One holding marked up to twice its cost, one sold for half of its cost."""
    fund = int(post(client, "funds", name="North I", currency="USD")["id"])
    up = post(client, "investments", fund_id=fund, company_name="Up", invested_on="2020-01-01", amount="100")
    post(client, "marks", holding_id=up["holding_id"], measured_on="2021-12-31", fair_value="200", method="last_round")
    sold = {"exit_date": "2022-01-01", "exit_amount": "150"}
    post(client, "investments", fund_id=fund, company_name="Down", invested_on="2020-01-01", amount="300", **sold)
    return fund


def test_each_holding_comes_with_its_figures_and_the_sums_of_all(client: TestClient) -> None:
    fund = fund_of_two(client)
    found = client.get(f"{API}/performance/holdings", params={"fund_id": fund, "as_of": "2022-12-31"}).json()
    shown = [(row["company"], row["status"], row["cost"], row["realised"], row["fair_value"]) for row in found["items"]]
    assert shown == [("Up", "active", "100.00", "0.00", "200.00"), ("Down", "exited", "300.00", "150.00", "0.00")]
    assert [row["moic"] for row in found["items"]] == ["2.0000", "0.5000"]
    total = found["total"]
    assert (total["invested"], total["realised"], total["fair_value"]) == ("400.00", "150.00", "200.00")
    assert total["moic"] == "0.8750"


def test_holdings_of_several_currencies_have_no_sum(client: TestClient) -> None:
    fund_of_two(client)
    other = int(post(client, "funds", name="Euro I", currency="EUR")["id"])
    post(client, "investments", fund_id=other, company_name="Lyon", invested_on="2020-01-01", amount="10")
    found = client.get(f"{API}/performance/holdings").json()
    assert (len(found["items"]), found["total"]) == (3, None)


def test_a_day_before_the_first_purchase_holds_nothing(client: TestClient) -> None:
    fund = fund_of_two(client)
    found = client.get(f"{API}/performance/holdings", params={"fund_id": fund, "as_of": "2019-12-31"}).json()
    assert found["items"] == []
