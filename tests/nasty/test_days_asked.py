"""As of which day books may be asked, and what "today" is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.nasty.world import World
from vestry.api.app import openapi
from vestry.core import clock

AHEAD = (clock.now().date() + timedelta(days=400)).isoformat()
SEEN_FROM_A_DAY = (
    "funds/{fund_id}/performance",
    "funds/{fund_id}/performance/series",
    "funds/{fund_id}/metrics",
    "funds/{fund_id}/ledger",
    "companies/{company_id}/performance",
    "companies/{company_id}/cashflows",
    "companies/{company_id}/cashflows/explain",
    "companies/{company_id}/cashflows/forecast",
    "companies/{company_id}/cashflows/groups",
    "companies/{company_id}/cashflows/scenarios",
    "companies/{company_id}/cohorts_table",
    "companies/{company_id}/owed",
    "companies/{company_id}/threshold-breaches",
    "cohorts/portfolio",
    "investments/{investment_id}/performance",
    "investors/{investor_id}/performance",
    "performance/funds",
    "performance/holdings",
    "positions",
    "investments",
    "investments/{investment_id}",
)
# A filter of rows, whatever day it is.
LISTED_UP_TO_A_DAY = (
    "transactions",
    "marks",
    "reported-navs",
    "companies/{company_id}/metrics",
    "companies/{company_id}/customers",
)
PLAN = f"fund,date,kind,amount\nPlanned,2024-01-31,contribution,5\nPlanned,{AHEAD},distribution,9\n"


def asked(world: World, path: str, as_of: str) -> tuple[int, str | None]:
    about = {
        "positions": {"fund_id": str(world.ids["fund_id"])},
        "companies/{company_id}/cashflows/explain": {"cohort_month": "2023-01-01", "period": "0"},
    }
    scope = about.get(path, {})
    answer = world.client.get(f"/api/v1/{path.format_map(world.ids)}", params={"as_of": as_of, **scope})
    return answer.status_code, answer.json().get("code")


def test_the_list_above_names_every_path_that_takes_a_day() -> None:
    taking = {
        path.removeprefix("/api/v1/").replace("vehicles/{vehicle_id}", "funds/{fund_id}")
        for path, verbs in openapi()["paths"].items()
        if any(one["name"] == "as_of" for one in verbs.get("get", {}).get("parameters", ()))
    }
    assert taking - {"companies/{company_id}/performance/series"} == {*SEEN_FROM_A_DAY, *LISTED_UP_TO_A_DAY}


def test_no_door_answers_for_a_day_that_nothing_is_planned_for(world: World) -> None:
    for path in SEEN_FROM_A_DAY:
        assert asked(world, path, AHEAD) == (422, "not_yet"), path
        assert asked(world, path, "2024-12-31")[0] == 200, path
    for path in LISTED_UP_TO_A_DAY:
        assert asked(world, path, AHEAD)[0] == 200, path


def test_every_door_answers_for_the_days_of_an_imported_plan(new_world: Callable[..., World]) -> None:
    world = new_world()
    upload = world.client.post("/api/v1/imports", data={"kind": "flows"}, files={"file": ("plan.csv", PLAN)})
    assert world.client.post(f"/api/v1/imports/{upload.json()['id']}/commit").status_code == 200
    later = (datetime.fromisoformat(AHEAD).date() + timedelta(days=1)).isoformat()
    for path in SEEN_FROM_A_DAY:
        assert asked(world, path, AHEAD)[0] == 200, path
        assert asked(world, path, later) == (422, "not_yet"), path


def test_today_is_one_day_for_all_of_a_request(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock says one instant when the work begins; what it says later, past midnight, does not matter."""
    instants = iter([datetime(2025, 3, 31, 23, 59, 59, 999_999, tzinfo=UTC)])
    monkeypatch.setattr(clock, "now", lambda: next(instants, datetime(2025, 4, 1, tzinfo=UTC)))
    with world.database.reading(world.actor) as session:
        assert [clock.today(session).isoformat() for _ in range(3)] == ["2025-03-31"] * 3
    with world.database.reading(world.actor) as session:
        assert clock.today(session).isoformat() == "2025-04-01"


def test_an_id_may_be_written_as_a_number_or_as_its_digits(new_world: Callable[..., World]) -> None:
    world = new_world()
    body = {"committed_on": "2024-01-01", "amount": "5", "fund_id": world.ids["fund_id"]}
    for written in (world.ids["investor_id"], str(world.ids["investor_id"])):
        made = world.client.post("/api/v1/commitments", json=body | {"investor_id": written})
        assert made.status_code == 201
        assert made.json()["investor_id"] == world.ids["investor_id"]
    for odd in (f"{world.ids['investor_id']}.0", f" {world.ids['investor_id']}", f"0{world.ids['investor_id']}"):
        assert world.client.post("/api/v1/commitments", json=body | {"investor_id": odd}).status_code == 422


def test_the_largest_distributions_over_the_smallest_call_are_a_figure(new_world: Callable[..., World]) -> None:
    world = new_world()
    most = "922337203685477.5807"
    rows = [f"Tiny,2024-02-{day:02},distribution,{most}" for day in range(1, 21)]
    text = "\n".join(["fund,date,kind,amount", "Tiny,2024-01-31,contribution,0.0001", *rows])
    upload = world.client.post("/api/v1/imports", data={"kind": "flows"}, files={"file": ("tiny.csv", text)})
    assert world.client.post(f"/api/v1/imports/{upload.json()['id']}/commit").status_code == 200
    funds = world.client.get("/api/v1/funds", params={"q": "Tiny"}).json()["items"]
    answer = world.client.get(f"/api/v1/funds/{funds[0]['id']}/performance")
    assert answer.status_code == 200
    assert answer.json()["net"]["dpi"] == "184467440737095516140.0000"
    listed = world.client.get("/api/v1/performance/funds", params={"q": "Tiny"})
    assert listed.status_code == 200
