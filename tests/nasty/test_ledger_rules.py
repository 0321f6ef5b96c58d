"""What is impossible, early, late or on an odd day in a ledger has a defined answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.nasty.test_money import figures, without_numbers_nobody_can_read
from tests.nasty.world import API, World
from vestry.core import clock

LATER = "2199-12-31"  # to come at whatever hour the tests run


def post(world: World, path: str, **body: Any) -> Any:
    return world.client.post(f"{API}/{path}", json=body)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


@pytest.fixture
def fresh(new_world: Callable[..., World]) -> World:
    """A firm whose fund has nothing in it."""
    world = new_world(empty=True)
    fund = world.post("funds", name="Empty", currency="USD")
    world.ids |= {"fund_id": fund["id"], "vehicle_id": fund["main_vehicle_id"]}
    world.ids["investor_id"] = world.post("investors", name="Lone")["id"]
    deal = {"invested_on": "2024-01-10", "amount": "100000", "ownership": "0.1", "company": {"name": "Another's"}}
    made = world.post("investments", fund_id=world.post("funds", name="Another", currency="USD")["id"], **deal)
    world.ids |= {"investment_id": made["id"], "company_id": made["company"]["id"], "holding_id": made["holding_id"]}
    return world


def commit(world: World, amount: str = "100", on: str = "2020-01-01") -> Any:
    ids = {name: world.ids[name] for name in ("fund_id", "investor_id")}
    return post(world, "commitments", **ids, committed_on=on, amount=amount)


def call(world: World, amount: str = "10", on: str = "2020-02-01", **more: Any) -> Any:
    body = {"fund_id": world.ids["fund_id"], "called_on": on, "due_on": on, "investments": amount} | more
    return post(world, "capital-calls", **body)


def give(world: World, amount: str = "10", on: str = "2020-02-01", **more: Any) -> Any:
    body = {"fund_id": world.ids["fund_id"], "declared_on": on, "due_on": on, "gains": amount} | more
    return post(world, "distributions", **body)


def test_a_commitment_of_nothing_is_kept_and_called_on_for_nothing(fresh: World) -> None:
    assert commit(fresh, "0").status_code == 201
    assert code(call(fresh)) == (409, "no_commitments")
    line = {"investor_id": fresh.ids["investor_id"], "fees": "0.01"}
    over = post(
        fresh,
        "capital-calls",
        fund_id=fresh.ids["fund_id"],
        called_on="2020-02-01",
        due_on="2020-02-01",
        lines=[line],
    )
    assert code(over) == (409, "call_exceeds_unfunded")
    shown = fresh.client.get(f"{API}/funds/{fresh.ids['fund_id']}/performance").json()["net"]
    assert (shown["committed"], shown["pic"]) == ("0.00", None)


def test_a_call_a_cent_above_the_unfunded_is_refused_and_to_the_cent_is_not(fresh: World) -> None:
    commit(fresh, "100")
    assert code(call(fresh, "100.01")) == (409, "call_exceeds_unfunded")
    assert call(fresh, "100.00").status_code == 201
    assert code(call(fresh, "0.01")) == (409, "call_exceeds_unfunded")
    assert call(fresh, "-0.01", kind="adjustment").status_code == 201
    assert call(fresh, "0.01").status_code == 201


def test_a_distribution_before_any_call_is_kept_and_has_no_multiple(fresh: World) -> None:
    commit(fresh)
    assert give(fresh, paid_on="2020-02-01").status_code == 201
    shown = fresh.client.get(f"{API}/funds/{fresh.ids['fund_id']}/performance").json()
    assert (shown["net"]["distributed"], shown["net"]["dpi"]) == ("10.00", None)
    for answer in figures(fresh):
        assert answer.status_code == 200
        assert without_numbers_nobody_can_read(answer.text)


def test_a_distribution_to_nobody_is_refused(fresh: World) -> None:
    assert code(give(fresh)) == (409, "no_commitments")
    assert code(give(fresh, "0"))[0] == 422


@pytest.mark.parametrize(
    ("path", "field", "body"),
    [
        ("commitments", "committed_on", {"fund_id": 0, "investor_id": 0, "amount": "5"}),
        ("capital-calls", "paid_on", {"fund_id": 0, "called_on": "2020-01-01", "due_on": "2020-01-01", "fees": "5"}),
        ("distributions", "paid_on", {"fund_id": 0, "declared_on": "2020-01-01", "due_on": "2020-01-01", "gains": "5"}),
        ("vehicle-entries", "entered_on", {"fund_id": 0, "kind": "income", "amount": "5"}),
        ("transactions", "transacted_on", {"holding_id": 0, "kind": "dividend", "amount": "5"}),
        ("marks", "measured_on", {"holding_id": 0, "fair_value": "5"}),
        ("marks", "measured_on", {"company_id": 0, "fair_value": "5"}),
        ("reported-navs", "reported_on", {"fund_id": 0, "amount": "5"}),
        ("investments", "invested_on", {"fund_id": 0, "company_name": "Later", "amount": "5"}),
        ("rounds", "closed_on", {"company_id": 0, "name": "Later"}),
    ],
)
def test_nothing_is_recorded_before_it_has_happened(world: World, path: str, field: str, body: dict[str, Any]) -> None:
    before = world.state()
    for day in (LATER, "2200-12-31"):
        answer = post(world, path, **world.own(body), **{field: day})
        assert answer.status_code == 422, answer.text
        assert field in [fault["path"] for fault in answer.json()["errors"]], answer.text
    assert world.state() == before


def test_an_event_of_today_can_be_recorded(new_world: Callable[..., World]) -> None:
    world = new_world()
    mark = {"holding_id": world.ids["holding_id"], "fair_value": "5", "measured_on": clock.now().date().isoformat()}
    assert post(world, "marks", **mark).status_code == 201


def test_two_marks_on_one_day_and_marks_after_an_exit_are_refused(new_world: Callable[..., World]) -> None:
    world = new_world()
    holding = {"holding_id": world.ids["holding_id"], "fair_value": "7"}
    assert code(post(world, "marks", **holding, measured_on="2024-06-30")) == (409, "mark_exists")
    end = {"exited_on": "2025-01-01", "amount": "100"}
    assert post(world, f"investments/{world.ids['investment_id']}/exit", **end).status_code == 200
    for day in ("2025-01-01", "2025-01-02", "2026-01-01"):
        assert code(post(world, "marks", **holding, measured_on=day)) == (409, "mark_after_exit")
    assert code(post(world, "marks", **holding, measured_on="2024-01-09")) == (409, "mark_before_purchase")
    assert post(world, "marks", **holding, measured_on="2024-12-31").status_code == 201


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("commitments", {"fund_id": 0, "investor_id": 0, "committed_on": "2024-01-01", "amount": "5"}),
        ("capital-calls", {"fund_id": 0, "called_on": "2024-01-01", "due_on": "2024-01-01", "fees": "5"}),
        ("distributions", {"fund_id": 0, "declared_on": "2024-01-01", "due_on": "2024-01-01", "gains": "5"}),
        ("vehicle-entries", {"fund_id": 0, "kind": "income", "entered_on": "2024-01-01", "amount": "5"}),
        ("transactions", {"holding_id": 0, "kind": "dividend", "transacted_on": "2024-10-01", "amount": "5"}),
        ("marks", {"holding_id": 0, "measured_on": "2024-10-01", "fair_value": "5"}),
        ("marks", {"company_id": 0, "measured_on": "2024-10-01", "fair_value": "5"}),
        ("reported-navs", {"fund_id": 0, "reported_on": "2024-10-01", "amount": "5"}),
        ("investments", {"fund_id": 0, "company_name": "Euro", "invested_on": "2024-01-01", "amount": "5"}),
    ],
)
def test_an_amount_in_another_currency_than_the_books_is_refused(world: World, path: str, body: dict[str, Any]) -> None:
    before = world.state()
    answer = post(world, path, **world.own(body), currency="EUR")
    assert answer.status_code == 422, answer.text
    assert [fault["path"] for fault in answer.json()["errors"]] == ["currency"]
    assert world.state() == before


def test_the_29th_of_february_is_a_day_in_leap_years(fresh: World) -> None:
    assert commit(fresh, "100", "2020-02-29").status_code == 201
    assert commit(fresh, "100", "2000-02-29").status_code == 201
    for year in (2021, 1900, 2100):
        assert commit(fresh, "100", f"{year}-02-29").status_code == 422
    assert call(fresh, "100", "2020-02-29", paid_on="2020-02-29").status_code == 201
    entry = {"kind": "income", "entered_on": "2020-12-31", "amount": "10"}
    assert post(fresh, "vehicle-entries", fund_id=fresh.ids["fund_id"], **entry).status_code == 201
    assert give(fresh, "110", "2021-02-28", paid_on="2021-02-28").status_code == 201
    path = f"{API}/funds/{fresh.ids['fund_id']}/performance"
    shown = fresh.client.get(path, params={"as_of": "2021-02-28"}).json()["net"]
    assert shown["irr"]["rate"] == pytest.approx(0.10, abs=1e-9)  # 365 days
    assert fresh.client.get(path, params={"as_of": "2024-02-29"}).status_code == 200
    assert fresh.client.get(path, params={"as_of": "2023-02-29"}).status_code == 422


FLOWS: dict[str, list[tuple[str, str, str]]] = {
    "nothing": [],
    "one call": [("call", "2020-01-01", "50")],
    "one distribution": [("give", "2020-01-01", "50")],
    "all of one day": [("call", "2020-01-01", "50"), ("give", "2020-01-01", "60")],
    "all paid in": [("call", "2020-01-01", "20"), ("call", "2021-01-01", "30")],
    "all given out": [("give", "2020-01-01", "20"), ("give", "2021-01-01", "30")],
    "two changes of sign": [("call", "2020-01-01", "10"), ("give", "2021-01-01", "23"), ("call", "2022-01-01", "13.2")],
    "no real rate": [("call", "2020-01-01", "10"), ("give", "2021-01-01", "10"), ("call", "2022-01-01", "10")],
    "a cent to a million in a day": [("call", "2020-01-01", "0.01"), ("give", "2020-01-02", "1000000")],
    "a million to a cent": [("call", "2020-01-01", "1000000"), ("give", "2020-01-02", "0.01")],
    "a century apart": [("call", "1900-01-01", "10"), ("give", "2025-01-01", "11")],
    "as much back": [("call", "2020-01-01", "10"), ("give", "2021-01-01", "10")],
}


@pytest.mark.parametrize("name", FLOWS)
def test_every_row_of_flows_has_figures_or_reasons(fresh: World, name: str) -> None:
    commit(fresh, "2000000", "1900-01-01")
    for kind, day, amount in FLOWS[name]:
        record = call if kind == "call" else give
        assert record(fresh, amount, day, paid_on=day).status_code == 201
    shown = fresh.client.get(f"{API}/funds/{fresh.ids['fund_id']}/performance", params={"explain": True}).json()
    irr = shown["net"]["irr"]
    assert irr["status"] if irr["rate"] is None else abs(irr["rate"]) < 1e300
    for answer in figures(fresh):
        assert answer.status_code == 200, answer.text
        assert without_numbers_nobody_can_read(answer.text), answer.text


def test_a_day_before_the_fund_is_empty_with_reasons_and_one_to_come_is_refused(world: World) -> None:
    path = f"{API}/funds/{world.ids['fund_id']}/performance"
    early = world.client.get(path, params={"as_of": "1900-01-01"}).json()
    assert (early["net"]["paid_in"], early["net"]["tvpi"]) == ("0.00", None)
    assert early["reasons"] or early["net"]["reasons"]
    assert world.client.get(path, params={"as_of": LATER}).status_code == 422
    assert world.client.get(path, params={"known_at": "1990-01-01T00:00:00Z"}).status_code == 200
    for more in ("", "/series"):
        assert world.client.get(path + more, params={"as_of": "1900-01-01"}).status_code == 200


def test_events_of_one_instant_keep_the_order_they_were_recorded_in(fresh: World) -> None:
    ids = []
    for amount in ("1", "2", "3", "4"):
        entry = {"kind": "income", "entered_on": "2024-01-01", "amount": amount}
        ids.append(fresh.post("vehicle-entries", fund_id=fresh.ids["fund_id"], **entry)["id"])
    for _ in range(3):
        listed = fresh.client.get(f"{API}/vehicle-entries", params={"fund_id": fresh.ids["fund_id"]}).json()["items"]
        assert [one["id"] for one in listed] == ids


def test_what_was_known_at_an_instant_includes_that_instant_and_nothing_after_it(fresh: World) -> None:
    entry = {"kind": "income", "entered_on": "2024-01-01", "amount": "5"}
    made = fresh.post("vehicle-entries", fund_id=fresh.ids["fund_id"], **entry)
    at = datetime.fromisoformat(made["recorded_at"])
    path = f"{API}/funds/{fresh.ids['fund_id']}/performance"
    for instant, nav in ((at, "5.00"), (at - timedelta(microseconds=1), "0.00"), (at + timedelta(days=1), "5.00")):
        shown = fresh.client.get(path, params={"known_at": instant.astimezone(UTC).isoformat()})
        assert shown.status_code == 200, shown.text
        assert shown.json()["net"]["nav"] in (nav, None if nav == "0.00" else nav), instant


@pytest.mark.parametrize("month", ["2026-03", "2026-10"])
def test_a_day_of_23_or_25_hours_is_one_day(fresh: World, month: str) -> None:
    """Days are calendar days without hours: a change of clocks neither loses nor doubles one."""
    first, last = (28, 31) if month == "2026-03" else (24, 27)
    for day in range(first, last):
        entry = {"kind": "income", "entered_on": f"{month}-{day}", "amount": "1"}
        fresh.post("vehicle-entries", fund_id=fresh.ids["fund_id"], **entry)
    for day in range(first, last):
        asked = {"fund_id": fresh.ids["fund_id"], "since": f"{month}-{day}", "until": f"{month}-{day}"}
        assert fresh.client.get(f"{API}/vehicle-entries", params=asked).json()["total"] == 1


@pytest.mark.parametrize("day", ["1900-01-01", "1904-02-29", "1969-12-31", "1970-01-01", "1999-12-31", "2000-01-01"])
def test_a_day_at_the_edge_comes_back_as_it_went_in(fresh: World, day: str) -> None:
    made = commit(fresh, "5", day).json()
    assert made["committed_on"] == day
    assert fresh.client.get(f"{API}/commitments/{made['id']}").json()["committed_on"] == day
    asked = {"fund_id": fresh.ids["fund_id"], "until": day}
    assert fresh.client.get(f"{API}/commitments", params=asked).json()["total"] == 1
    before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
    if before >= "1900":
        assert fresh.client.get(f"{API}/commitments", params=asked | {"until": before}).json()["total"] == 0
