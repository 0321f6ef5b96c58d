"""Figures by the column come out as the same exact decimals that one by one would."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tests.metrics.test_values import company, on_sqlite, put
from vestry.core.fields import units_text
from vestry.core.types import INT64_MAX
from vestry.metrics import columns

RATES = ("0.5", "1.25", "0.0001", "1.3538350000", "152.8371930491838472918374", "0.00654321987654321987654321", "1e-6")
FULL = Context(prec=34)
units_kept = st.integers(-INT64_MAX, INT64_MAX) | st.integers(-10_000_000, 10_000_000)


@given(
    units=st.lists(units_kept, min_size=1, max_size=20),
    rate=st.sampled_from([Decimal(one) for one in RATES]),
    places=st.sampled_from([0, 2, 3]),
)
def test_a_column_converts_to_the_digit_as_each_decimal_would(units: list[int], rate: Decimal, places: int) -> None:
    scaled = rate.scaleb(-4)
    found = columns.converted(np.array(units), np.zeros(len(units), dtype=np.int64), [scaled], places).to_list()
    quantum = Decimal(1).scaleb(-places)
    exact = [FULL.multiply(Decimal(one), scaled).quantize(quantum, ROUND_HALF_EVEN, FULL) for one in units]
    assert found == [f"{one if one else abs(one):f}" for one in exact]


@pytest.mark.parametrize(
    ("units", "shown"), [(50, "0.00"), (150, "0.02"), (-50, "0.00"), (-150, "-0.02"), (51, "0.01")]
)
def test_halves_go_to_the_even_cent_and_nothing_is_below_zero_by_its_sign_alone(units: int, shown: str) -> None:
    rates = [Decimal("0.0001")]
    assert columns.converted(np.array([units]), np.zeros(1, dtype=np.int64), rates, 2).to_list() == [shown]


@given(st.lists(units_kept, min_size=1, max_size=20), st.sampled_from([(4, 0), (4, 2), (10, 0), (2, 2)]))
def test_a_column_of_units_is_written_as_each_would_be(units: list[int], how: tuple[int, int]) -> None:
    assert columns.texts(np.array(units), *how).to_list() == [units_text(one, *how) for one in units]


@on_sqlite
def test_a_portfolio_of_which_little_is_asked_says_the_same_as_when_all_is(client: TestClient) -> None:
    paths = [company(client, code) for code in ("USD", "EUR", "JPY")]
    for path in paths:
        put(client, path, "2024-Q4", {"revenue": "-1234567.89", "employees": "12", "reported_churn": "0.0123"})
    fund = client.post("/api/v1/funds", json={"name": "One", "currency": "USD"}).json()["id"]
    deal = {"company_id": int(paths[2].rpartition("/")[2]), "invested_on": "2024-01-10", "amount": "100000"}
    assert client.post("/api/v1/investments", json={"fund_id": fund, **deal}).status_code == 201
    for others in range(3):
        client.post("/api/v1/companies", json={"name": f"Nothing reported {others}"})
    whole = client.get("/api/v1/reporting", params={"currency": "CAD"}).json()
    part = client.get("/api/v1/reporting", params={"currency": "CAD", "fund": fund}).json()
    assert whole["total"] == 3
    assert part["companies"] == [one for one in whole["companies"] if one["company_id"] == deal["company_id"]]
    assert whole["companies"][0]["metrics"]["reported_churn"] == ["0.0123"]
    assert client.get("/api/v1/reporting", params={"from": "2030-Q1"}).json()["companies"] == []
    assert client.get("/api/v1/reporting", params={"scenario": "budget"}).json()["companies"] == []


@on_sqlite
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_table_read_in_pieces_says_the_same_as_read_at_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    for code in ("USD", "EUR", "JPY"):
        path = company(client, code)
        put(client, path, "2024-Q4", {"revenue": "-1234567.89", "employees": "12", "reported_churn": "0.0123"})
        put(client, path, "2024-Q3", {"cash_balance": "7"})
    at_once = client.get("/api/v1/reporting", params={"currency": "CAD"}).json()
    assert at_once["total"] == 3
    monkeypatch.setattr(columns, "PIECE_MIN", rows)
    assert client.get("/api/v1/reporting", params={"currency": "CAD"}).json() == at_once
