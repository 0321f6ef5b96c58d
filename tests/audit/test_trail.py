"""What the trail tells of each operation, to whom, and that nobody changes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Table, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.clients import application
from tests.nasty.bodies import Operation, operations
from tests.nasty.world import API, World
from vestry.all_models import metadata
from vestry.audit import chain, verifying
from vestry.audit.models import AuditHead, AuditRow
from vestry.audit.recording import is_recorded
from vestry.audit.values import is_secret, plain
from vestry.core import trail
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.model import Base
from vestry.funds import service as funds
from vestry.funds.models import Fund

RECORDED: dict[str, Table] = {
    mapper.class_.__tablename__: mapper.local_table  # type: ignore[misc]
    for mapper in Base.registry.mappers
    if is_recorded(mapper.class_)
}
Snapshot = dict[tuple[str, int], dict[str, Any]]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def new_world(request: pytest.FixtureRequest) -> Iterator[Callable[..., World]]:
    source = request.getfixturevalue(f"{request.param}_source")
    url = source.new()
    database = Database(url)
    app = application(database)
    yield lambda currency="USD": World(app, database, currency)
    database.close()
    source.drop(url)


def rows_of(world: World, after: int = 0) -> list[AuditRow]:
    with world.database.reading(world.actor) as session:
        query = select(AuditRow).where(AuditRow.firm_id == world.actor.firm_id, AuditRow.sequence > after)
        return list(session.scalars(query.order_by(AuditRow.sequence)))


def last(world: World) -> int:
    with world.database.reading(world.actor) as session:
        return session.scalar(select(AuditHead.sequence).where(AuditHead.firm_id == world.actor.firm_id)) or 0


def faults(world: World) -> list[str]:
    with world.database.reading(world.actor) as session:
        return verifying.verify(session, world.actor.firm_id, verifying.kept_heads()).faults


def snapshot(world: World) -> Snapshot:
    """Every row of the firm in every recorded table, as the trail would show its columns."""
    found: Snapshot = {}
    with world.database.reading(world.actor) as session:
        for name, table in RECORDED.items():
            column = table.c.id if name == "firm" else table.c.firm_id
            for row in session.execute(select(table).where(column == world.actor.firm_id)).mappings():
                told = [column for column in table.c if column.info.get("audited", True)]  # not when it was last used
                shown = {column.name: plain(column, row[column.name]) for column in told}
                found[name, row["id"]] = {key: value for key, value in shown.items() if value is not None}
    return found


def replayed(state: Snapshot, rows: list[AuditRow]) -> Snapshot:
    """The state after what the rows tell happened to it."""
    state = {key: dict(row) for key, row in state.items()}
    for row in rows:
        key = (row.noun, row.record_id or 0)
        if row.noun not in RECORDED:  # told by who did it, not by its columns
            continue
        after = json.loads(row.after) if row.after else {}
        if row.action == "create":
            state[key] = after
        elif row.action == "change":
            state[key] = {name: value for name, value in (state[key] | after).items() if value is not None}
        elif row.action == "delete":
            del state[key]
    return state


# What a person's erasure took from the rows is what the trail must not keep.
UNTOLD = {"erase_person"}


def _order(operation: Operation) -> bool:
    """What takes things away comes last, so that one world is enough."""
    return operation.method == "DELETE" or operation.path.endswith(("/void", "/undo", "/exit", "/write-off"))


def test_every_operation_leaves_rows_that_replay_to_what_it_changed(new_world: Callable[[], World]) -> None:
    """What reads is tried on SQLite alone: that it changes nothing is decided before a database is asked."""
    world, changing = new_world(), set()
    after = snapshot(world)
    for operation in sorted(operations(), key=_order):
        if operation.method == "GET" and not world.database.is_sqlite:
            continue
        before, since = after, last(world)
        answer = world.send(operation, world.body(operation))
        after, rows = snapshot(world), rows_of(world, since)
        told = (operation.name, answer.status_code)
        changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        if answer.status_code >= 300:
            assert not changed, told
            continue
        loaded = {name for row in rows if row.action == "import" for name in json.loads(row.after or "{}")}
        by_row = {key for key in changed if key[0] not in loaded}
        assert by_row <= {(row.noun, row.record_id) for row in rows}, told
        if operation.name not in UNTOLD:
            again = replayed(before, rows)
            assert {key: again.get(key) for key in by_row} == {key: after.get(key) for key in by_row}, told
        for row in rows:
            assert (row.operation, row.door) == (operation.name, "api"), told
        if changed:
            changing.add(operation.name)
    assert len(changing) >= 40, changing
    assert faults(world) == []


def test_a_change_tells_who_when_from_where_and_what(new_world: Callable[[], World]) -> None:
    world = new_world()
    since, path = last(world), f"{API}/investors/{world.ids['investor_id']}"
    old = world.client.get(path).json()
    body = {"name": "Renamed", "kind": old["kind"]}
    answer = world.client.put(path, json=body, headers={"X-Request-ID": "request-1", "If-Match": f'"{old["version"]}"'})
    assert answer.status_code == 200, answer.text
    (row,) = rows_of(world, since)
    assert (row.action, row.noun, row.record_id) == ("change", "investor", world.ids["investor_id"])
    assert (row.operation, row.address, row.request_id) == ("update_investor", "testclient", "request-1")
    assert (row.actor_kind, row.actor_role, row.actor_name) == ("token", "administrator", "administrator")
    before, after = json.loads(row.before or ""), json.loads(row.after or "")
    assert (before["name"], after["name"]) == ("First", "Renamed")
    assert (before["version"], after["version"]) == (1, 2)
    assert set(after) == {"name", "name_key", "updated_at", "version"}


def test_an_import_is_one_row_with_counts_and_a_digest(new_world: Callable[[], World]) -> None:
    world = new_world()
    since = last(world)
    answer = world.client.post(f"{API}/imports/{world.ids['import_id']}/commit")
    assert answer.status_code == 200, answer.text
    (row,) = [one for one in rows_of(world, since) if one.action == "import"]
    assert (row.noun, row.record_id) == ("import_batch", world.ids["import_id"])
    (calls,) = json.loads(row.after or "")["capital_call"]
    assert calls["rows"] == 1
    assert len(calls["sha256"]) == 64


def test_refusals_exports_and_sign_ins_are_told(new_world: Callable[[], World]) -> None:
    world = new_world()
    proof = "mauve otter lattice"
    user = world.post("users", email=f"w{world.actor.firm_id}@firm.com", name="W", role="analyst", password=proof)
    since = last(world)
    analyst, stranger = world.client_as("auditor"), TestClient(world.app, base_url="http://localhost")
    analyst.post(f"{API}/funds", json={"name": "No", "currency": "USD"})
    world.client.delete(f"{API}/funds/987654321")
    world.client.get(f"{API}/funds/987654321")
    world.client.get(f"{API}/imports/{world.ids['import_id']}/errors.csv")
    for password, status in (("wrong", 401), (proof, 204)):
        signing = {"email": user["email"], "password": password}
        assert stranger.post(f"{API}/auth/sign-in", json=signing).status_code == status
    assert stranger.post(f"{API}/auth/sign-out").status_code == 204
    rows = [row for row in rows_of(world, since) if row.action not in ("create", "change")]
    assert [row.action for row in rows] == ["refuse", "refuse", "export", "sign_in_failed", "sign_in", "sign_out"]
    assert rows[0].note == f"403 forbidden: POST {API}/funds"
    assert rows[1].note == f"404 not_found: DELETE {API}/funds/987654321"
    assert rows[2].note == f"{API}/imports/{world.ids['import_id']}/errors.csv"
    assert [row.record_id for row in rows[3:]] == [user["id"]] * 3
    assert [(row.actor_kind, row.actor_id) for row in rows[4:]] == [("user", user["id"])] * 2


def test_no_row_holds_a_secret(new_world: Callable[[], World]) -> None:
    world = new_world()
    secret = "mauve otter lattice canary"
    world.post("users", email=f"s{world.actor.firm_id}@firm.com", name="S", role="analyst", password=secret)
    token = world.post("tokens", name="t", role="auditor")["secret"]
    told = "".join(f"{row.before}{row.after}{row.note}" for row in rows_of(world))
    assert '"password_hash":"(secret)"' in told
    assert '"secret_hash":"(secret)"' in told
    for canary in (secret, token, "$argon2"):
        assert canary not in told


def test_every_column_that_holds_a_secret_is_masked() -> None:
    for table in metadata.tables.values():
        for column in table.c:
            words = column.name.split("_")
            if {"secret", "password", "hash", "totp", "private"} & set(words) and not table.name.startswith("audit_"):
                assert is_secret(column), f"{table.name}.{column.name} would be shown in the trail"


def test_a_statement_is_told_row_by_row_and_a_load_by_its_digest(database: Database, administrator: Actor) -> None:
    with database.transaction(administrator) as session:
        same = {"currency": "EUR", "strategy": "other"}
        made = [funds.create_fund(session, administrator, name=name, **same).id for name in ("A", "B", "C")]
    with database.transaction(administrator) as session:
        session.execute(update(Fund).where(Fund.id.in_(made[:2])).values(description="x"))
        found = trail.told(session)
        assert [(one.action, one.record_id, one.before, one.after) for one in found] == [
            ("change", key, {"description": None}, {"description": "x"}) for key in made[:2]
        ]
    with database.transaction(administrator) as session:
        now = session.info["now"]
        own = {"firm_id": administrator.firm_id, "version": 1, "created_at": now, "updated_at": now}
        session.execute(insert(Fund), [own | {"name": "L", "name_key": "l", "currency": "EUR", "strategy": "other"}])
        (load,) = trail.told(session)
        assert (load.action, load.noun, load.rows) == ("bulk", "fund", 1)


def test_what_is_rolled_back_leaves_no_row(database: Database, administrator: Actor) -> None:
    def fail() -> None:
        with database.transaction(administrator) as session:
            funds.create_fund(session, administrator, name="Gone", currency="EUR", strategy="other")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.reading(administrator) as session:
        assert session.scalars(select(AuditRow.noun)).all() == ["firm"]


@pytest.mark.parametrize("statement", ["UPDATE audit_row SET note = 'x'", "DELETE FROM audit_row"])
def test_the_database_refuses_to_change_or_delete_a_row(
    database: Database, administrator: Actor, statement: str
) -> None:
    with pytest.raises(DBAPIError, match="never changed"), database.transaction(administrator) as session:
        session.execute(text(statement))


TAMPERING = {
    "edited": "UPDATE audit_row SET note = 'x' WHERE sequence = 3",
    "is missing before row 4": "DELETE FROM audit_row WHERE sequence = 3",
    "cut": "DELETE FROM audit_row WHERE sequence > 3",
}


@pytest.mark.parametrize("said", TAMPERING)
def test_who_owns_the_database_and_changes_a_row_is_found(database: Database, administrator: Actor, said: str) -> None:
    for number in range(3):
        with database.transaction(administrator) as session:
            funds.create_fund(session, administrator, name=f"F{number}", currency="EUR", strategy="other")
    with database.as_owner() as connection:
        if database.is_sqlite:
            connection.execute(text("DROP TRIGGER audit_row_no_update"))
            connection.execute(text("DROP TRIGGER audit_row_no_delete"))
        else:
            connection.execute(text("ALTER TABLE audit_row DISABLE TRIGGER ALL"))
        connection.execute(text(TAMPERING[said]))
    with database.reading(administrator) as session:
        heads = verifying.kept_heads()
        found = verifying.verify(session, administrator.firm_id, heads).faults
        assert said in "; ".join(found)
        if said == "cut":  # also for who sets the head in the database back
            row = session.execute(select(AuditHead)).scalar_one()
            assert "missing at the end" in "; ".join(
                chain.faults(
                    verifying.rows_of(session, 1), row.chain, None, [h for h in heads if h["chain"] == row.chain]
                )
            )


def test_writers_of_one_firm_at_the_same_time_keep_one_line(database: Database, administrator: Actor) -> None:
    def write(number: int) -> None:
        for turn in range(5):
            with database.transaction(administrator) as session:
                funds.create_fund(session, administrator, name=f"F{number}-{turn}", currency="EUR", strategy="other")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    with database.reading(administrator) as session:
        assert verifying.verify(session, administrator.firm_id, verifying.kept_heads()).faults == []
        assert session.scalar(select(func.max(AuditRow.sequence))) == 1 + 8 * 5 * 2


def test_the_trail_is_filtered_paged_and_exported(new_world: Callable[[], World]) -> None:
    world = new_world()
    fund = f"fund:{world.ids['fund_id']}"
    page = world.client.get(f"{API}/audit", params={"record": fund}).json()
    assert [(row["record"], row["action"]) for row in page["items"]] == [(fund, "create")]
    assert page["items"][0]["after"]["name"] == "World Fund"
    every = world.client.get(f"{API}/audit", params={"limit": 1000}).json()
    first = world.client.get(f"{API}/audit", params={"limit": 5}).json()
    second = world.client.get(f"{API}/audit", params={"limit": 5, "cursor": first["next"]}).json()
    assert [*first["items"], *second["items"]] == every["items"][:10]
    asked = {"operation": "issue_capital_call", "since": "2020-01-01", "until": "2199-12-31"}
    nouns = {row["noun"] for row in world.client.get(f"{API}/audit", params=asked).json()["items"]}
    assert nouns == {"capital_call", "capital_call_line"}
    assert world.client.get(f"{API}/audit", params={"since": "2199-01-01"}).json()["total"] == 0
    assert world.client.get(f"{API}/audit", params={"record": "secret:1"}).status_code == 422
    text = world.client.get(f"{API}/audit.csv", params={"record": fund}).text
    assert text.splitlines()[1].split(",")[2] == "create"
    assert rows_of(world)[-1].action == "export"


def test_others_see_what_concerns_records_they_may_see(new_world: Callable[[], World]) -> None:
    world, other = new_world(), new_world()
    shown = world.client_as("manager").get(f"{API}/audit", params={"limit": 1000}).json()["items"]
    assert {"fund", "capital_call"} <= {row["noun"] for row in shown}
    assert not {"user", "api_token", "firm"} & {row["noun"] for row in shown}
    assert all(row["address"] is None for row in shown)
    everything = world.client_as("auditor").get(f"{API}/audit", params={"limit": 1000}).json()["items"]
    assert {"api_token", "firm"} <= {row["noun"] for row in everything}
    foreign = world.client.get(f"{API}/audit", params={"record": f"fund:{other.ids['fund_id']}"}).json()
    assert foreign["total"] == 0
