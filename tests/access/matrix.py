"""The matrix: every operation of the API's description × who asks × whose the record is, with the answer expected.

A cell is one request. It is wrong when its status is not the expected one, when it shows a canary that is not the
asker's to see, when it names a foreign thing otherwise than a missing one, when a list holds more or less than it
should, or when a refused request changed anything.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from unittest import mock
from zlib import crc32

from sqlalchemy.orm import Session

from tests.access.caller import Answer
from tests.access.identities import ALLOWED, TAKEN, Identity
from tests.access.world import MISSING, Row, World, figures_file, payments_file
from tests.completeness.test_completeness import PUBLIC, permissions
from tests.completeness.test_completeness import operations as routes
from tests.nasty.bodies import Body, Operation, operations
from tests.nasty.world import RATED
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.trail import Event
from vestry.identity.policy import POLICY

# The path's or body's name of a record → its kind in the world.
KINDS = {
    "fund_id": "fund", "vehicle_id": "vehicle", "investor_id": "investor", "commitment_id": "commitment",
    "call_id": "call", "distribution_id": "distribution", "entry_id": "entry", "company_id": "company",
    "round_id": "round", "security_id": "security", "investment_id": "investment", "holding_id": "holding",
    "transaction_id": "transaction", "mark_id": "mark", "nav_id": "nav", "user_id": "user", "token_id": "token",
    "grant_id": "grant", "import_id": "import", "within_company_id": "company", "spend_id": "spend",
    "trade_id": "trade", "threshold_id": "threshold", "override_id": "override", "scenario_id": "scenario",
    "payment_id": "payment", "customer_number": "customer", "upload_id": "upload",
    "metric_import_id": "metric_import", "connection_id": "connection",
    "monthly_round_id": "monthly_round", "transfer_id": "transfer",
    "job_id": "job", "request_id": "approval", "alert_id": "alert", "template_id": "request_template",
    "data_request_id": "data_request", "submitted_value_id": "submitted_value",
    "attachment_id": "request_attachment",
}  # fmt: skip
# Lists, and the kind of what they hold; whoever is not listed here is checked by canaries alone.
LISTS = {
    "list_funds": "fund", "list_vehicles": "vehicle", "list_investors": "investor", "list_commitments": "commitment",
    "list_capital_calls": "call", "list_distributions": "distribution", "list_vehicle_entries": "entry",
    "list_companies": "company", "list_rounds": "round", "list_securities": "security",
    "list_investments": "investment", "list_holdings": "holding", "list_marks": "mark", "list_reported_navs": "nav",
    "list_fund_performance": "fund", "list_imports": "import", "list_jobs": "job", "list_approvals": "approval",
    "list_alerts": "alert", "list_request_templates": "request_template", "list_data_requests": "data_request",
    "list_submitted_values": "submitted_value",
}  # fmt: skip
# The bodies' ids that take a right to change the record, not only to see it.
LOCKED = {
    ("create_round", "company_id"), ("create_security", "company_id"), ("create_vehicle", "fund_id"),
    ("create_mark", "company_id"),
}  # fmt: skip
CHANGES_ITS_RECORD = ("PUT", "POST", "DELETE")
FILES = {
    **dict.fromkeys(("upload_payments", "check_payment_upload"), payments_file),
    **dict.fromkeys(("create_metric_import", "check_metric_import"), figures_file),
}
EXPLAINED = {  # what must be asked
    "explain_cashflow": {"cohort_month": "2023-01-01", "period": 0},
    "list_metric_reports": {"metric": "revenue", "period": "2024-Q1"},
}
CHANGES_NOTHING = {
    "predict_cashflows",
    "simulate_trade",
    "solve_trade",
    "stress_trade",
    "preview_alert_rule",
}  # asked with a body
# Lists that take the parameter and have no text to find it in.
UNSEARCHED = {"list_commitments", "list_capital_calls", "list_distributions", "list_vehicle_entries"}
# Of these a version that was taken back is still shown, to whoever saw it.
SHOWS_TAKEN_BACK = {name for name in routes() if name.endswith("_versions")} | {"list_metric_reports"}


@dataclass
class Result:
    """What was asked and what was wrong."""

    cells: int = 0
    wrong: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def __str__(self) -> str:
        return f"{self.cells} cells, {len(self.wrong)} wrong, {dict(sorted(self.statuses.items()))}"

    def faults(self) -> str:
        """What was wrong, as much of it as a person reads."""
        return "\n".join(self.wrong[:40])


@dataclass(frozen=True)
class Cell:
    """One request: an operation by somebody about a row (None: about nothing in particular), and what is expected."""

    operation: Operation
    who: Identity
    about: Row | None
    expected: str  # "unknown", "forbidden", "missing" or "answered"
    path: dict[str, int | str] = field(default_factory=dict)
    body: Any = None
    query: dict[str, Any] = field(default_factory=dict)
    said: str = ""

    def __str__(self) -> str:
        about = f"{self.about.kind} {self.about.firm}/{self.about.part}{self.about.investor}" if self.about else "–"
        gone = " taken back" if self.about and self.about.gone else ""
        return f"{self.operation.name} by {self.who.name} about {about}{gone} {self.said}".strip()


@cache
def permission_of() -> dict[str, str]:
    """Operation → its row of the policy; an operation without one is an error."""
    found = {}
    for name, route in routes().items():
        if name in PUBLIC:
            continue
        asked = permissions(route.dependant)
        assert len(asked) == 1, f"{name} has no row of the policy"
        [found[name]] = asked
        assert found[name] in POLICY, f"{name} asks for {found[name]}, which is no row of the policy"
    return found


def cells(world: World, who: Iterable[Identity]) -> Iterator[Cell]:
    """Every cell of these identities."""
    people = list(who)
    for operation in operations():
        if operation.name in PUBLIC:
            continue
        for one in people:
            yield from _of_path(world, operation, one)
            if one.known and one.permits(permission_of()[operation.name]):
                yield from _of_body(world, operation, one)
                yield from _of_query(world, operation, one)


def _of_path(world: World, operation: Operation, who: Identity) -> Iterator[Cell]:
    if operation.name == "set_approval_rule":  # named by a word of the description, not by an id
        yield Cell(operation, who, None, _expected(operation, who, True), {"rule_kind": "grant"}, {"required": False})
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    if not names:
        body = _body(world, operation, who)
        there = who.known and all(_reaches(world, operation, who, name, body[name]) for name in _ids(body))
        query = {"fund_id": world.ids[who.firm, _home(world, who)]} if operation.name == "list_positions" else {}
        query = {one: RATED[one] for one in _required(operation) if one in RATED} or query
        yield Cell(operation, who, None, _expected(operation, who, there), body=body, query=query)
        return
    of_company = len(names) > 1 and names[0] == "company_id"  # what a company's address leads to
    kind = KINDS.get(names[-1] if of_company else names[0])
    home = next((row for row in world.rows if row.kind == kind and who.known and who.sees(row)), None)
    for row in _rows(world, operation, who, kind):
        changes = operation.method in CHANGES_ITS_RECORD and operation.name not in CHANGES_NOTHING
        there = who.known and (who.changes(row) if changes else who.sees(row))
        there = there and (not row.gone or operation.name in SHOWS_TAKEN_BACK)
        body = _body(world, operation, who, row)
        query = {"record": f"fund:{world.ids[who.firm, 'one' if who.firm == 'a' else 'far']}"}
        yield Cell(
            operation, who, row, _expected(operation, who, there), _path(world, names, row, of_company), body,
            query if operation.name == "explain_access" else EXPLAINED.get(operation.name, {}),
        )  # fmt: skip
    missing = _expected(operation, who, False)
    if missing != "missing" and kind is not None and any(row.kind == kind for row in world.rows):
        return  # they are refused before it matters whether anything is there, and were asked about a row
    query = {"record": "fund:1"} if operation.name == "explain_access" else EXPLAINED.get(operation.name, {})
    body = _body(world, operation, who, home)
    yield Cell(operation, who, None, missing, dict.fromkeys(names, MISSING), body, query, "missing")


def _path(world: World, names: list[str], row: Row, of_company: bool) -> dict[str, int]:
    if not of_company:
        return {names[0]: row.id}
    return {names[0]: world.ids[row.firm, row.company], names[-1]: row.id}


def _required(operation: Operation) -> list[str]:
    parameters = operation.description.get("parameters", [])
    return [one["name"] for one in parameters if one["in"] == "query" and one.get("required")]


def _rows(world: World, operation: Operation, who: Identity, kind: str | None) -> list[Row]:
    """The rows to ask about. Who may not come in or not do it is asked about one; those who see a whole firm differ in
    their roles alone, so all but one of them are asked about the first row of each firm."""
    rows = [row for row in world.rows if row.kind == kind]
    if not who.known or not who.permits(permission_of()[operation.name]):
        return rows[:1]
    if who.whole and who.name != "administrator of a":
        return [next(row for row in rows if row.firm == firm) for firm in ("a", "b")] if rows else []
    return rows


def _of_body(world: World, operation: Operation, who: Identity) -> Iterator[Cell]:
    """An own path or a creation with the id of each other record in the body, one at a time."""
    if operation.schema is None or "{" in operation.path or (who.whole and who.name != "administrator of a"):
        return
    own = _body(world, operation, who)
    for name in _ids(own):
        if not all(_reaches(world, operation, who, other, own[other]) for other in _ids(own) if other != name):
            continue
        for row in (one for one in world.rows if one.kind == KINDS[name]):
            expected = "answered" if _reaches(world, operation, who, name, row.id) else "missing"
            yield Cell(operation, who, row, expected, body=own | {name: row.id}, said=f"in {name}")
        yield Cell(operation, who, None, "missing", body=own | {name: MISSING}, said=f"missing in {name}")
    if operation.name in ("issue_capital_call", "declare_distribution"):
        part = "fees" if operation.name == "issue_capital_call" else "gains"
        seen = [row for row in world.rows if row.kind == "investor" and who.sees(row)]
        if not seen or not all(_reaches(world, operation, who, name, own[name]) for name in _ids(own)):
            return
        for row in (one for one in world.rows if one.kind == "investor"):
            lines = [{"investor_id": one.id, part: "1.00"} for one in (seen[0], row) if one.id != row.id or one is row]
            mixed = {key: value for key, value in own.items() if key not in ("fees", "gains")} | {"lines": lines}
            expected = "answered" if who.sees(row) else "missing"
            yield Cell(operation, who, row, expected, body=mixed, said="among the lines")


def _ids(body: Any) -> list[str]:
    return [name for name in body or {} if name in KINDS]


def _reaches(world: World, operation: Operation, who: Identity, name: str, row_id: int) -> bool:
    """Whether the record that a body names is there for whoever asks, to be used as the operation uses it."""
    row = next(one for one in world.rows if one.kind == KINDS[name] and one.id == row_id)
    return not row.gone and (who.changes(row) if (operation.name, name) in LOCKED else who.sees(row))


def _of_query(world: World, operation: Operation, who: Identity) -> Iterator[Cell]:
    """Lists filtered by the ids of records that are not the asker's, and searched for words they may not read.

    Of the many such ids and words each identity takes some in turn, so that all are tried by somebody.
    """
    if operation.method != "GET" or "{" in operation.path:
        return
    turn = sum(map(ord, who.name))
    names = [one["name"] for one in operation.description.get("parameters", []) if one["in"] == "query"]
    for name in [one for one in names if one in KINDS]:
        foreign = [one for one in world.rows if one.kind == KINDS[name] and not who.sees(one)]
        for row in _in_turn(foreign, turn, 1):
            yield Cell(operation, who, row, "answered", query={name: row.id}, said=f"filtered by {name}")
    if "q" in names and operation.name not in UNSEARCHED and not who.whole:
        words = {
            (row.firm, note): (word, row)
            for word, (row, note) in world.canaries.items()
            if note in ("name", "description", "memo", "source") and not who.may_read(row, note)
        }
        for (_, note), (word, row) in _in_turn(sorted(words.items()), turn, 2):
            yield Cell(operation, who, row, "answered", query={"q": word}, said=f"searched for its {note}")


def _passes_the_database(who: Identity, row: Row) -> bool:
    """Whether the database alone shows the row though the application does not: jobs and requests for approval, which
    everybody in the firm adds, what companies are asked for, and vehicles (the main one is called as its fund) whose
    line or fund somebody sees."""
    if row.firm != who.firm:
        return False
    told = bool(TAKEN.get(row.part, set()) & who.investors) or (row.part == "two" and "account" in who.vehicles)
    return row.kind in ("job", "approval", "request_template") or (row.kind in ("vehicle", "fund") and told)


def _in_turn(found: list[Any], turn: int, count: int) -> list[Any]:
    """Some of what was found, others for the next turn."""
    return [found[(turn + number) % len(found)] for number in range(min(count, len(found)))]


def _expected(operation: Operation, who: Identity, there: bool) -> str:
    if not who.known:
        return "unknown"
    if not who.permits(permission_of()[operation.name]):
        return "forbidden"
    return "answered" if there else "missing"


def _body(world: World, operation: Operation, who: Identity, about: Row | None = None) -> Any:
    """The body that the description shows, about things of the asker's own where they have any."""
    if operation.schema is None:
        return None
    if operation.name == "set_import_mapping":
        return {"mapping": {"date": "date", "kind": "kind", "amount": "amount"}}
    body: Body = operation.example()
    part = about.part if about and about.part in HOMES else _home(world, who)
    firm = about.firm if about else who.firm
    at = {"fund": {"part": part}, "vehicle": {"part": part}, "investor": {"investor": HOMES[part][0]}}
    company = {"company": about.company if about and about.company else HOMES[part][1]}
    at |= {
        "company": company,
        "round": company,
        "security": company,
        "investment": {"part": part},
        "holding": {"part": part},
    }
    own_firm = "b" if part == "far" else "a"
    for name in body:
        kind = KINDS.get(name)
        if kind:
            body[name] = world.one(kind, firm=own_firm if kind in at else firm, **at.get(kind, {})).id
    if operation.name == "create_grant":
        body["scope_id"] = world.one("fund", firm=own_firm, part=part).id
    if operation.name in ("issue_capital_call", "change_capital_call"):
        body = {key: value for key, value in body.items() if key not in ("investments", "fees")} | {"fees": "1.00"}
    if "company_name" in body:
        body["company_id"] = world.one("company", firm=own_firm, **company).id
        del body["company_name"]
    return body


HOMES = {"one": ("lp1", "shared"), "two": ("lp3", "other"), "far": ("lp9", "away")}


def _home(world: World, who: Identity) -> str:
    if who.firm == "b":
        return "far"
    return next((part for part in ("one", "two") if part in who.parts | who.vehicles), "one")


class Checker:
    """Asks cells and says what is wrong."""

    def __init__(self, world: World, *, strict: bool = True, undo: bool = False) -> None:
        self.world, self.strict, self.undo = world, strict, undo  # undo: what is refused too, in case it is not
        self.result = Result()
        self.known_missing: dict[tuple[str, str, str], str] = {}
        self.noted: list[Event] = []
        self.before = world.state()

    def check(self, cell: Cell) -> list[str]:
        """Ask one cell; the faults found in its answer."""
        self.noted.clear()
        with refusals_noted(self.noted):
            if self.undo or (cell.expected == "answered" and cell.operation.method != "GET"):
                with nothing_is_kept():
                    answer = self.ask(cell)
            else:
                answer = self.ask(cell)
        self.result.cells += 1
        self.result.statuses[answer.status] += 1
        faults = [f"{cell}: {fault}" for fault in self._faults(cell, answer)]
        self.result.wrong += faults
        return faults

    def ask(self, cell: Cell) -> Answer:
        path = cell.operation.path
        for name, value in cell.path.items():
            path = path.replace("{" + name + "}", str(value))
        content = FILES[cell.operation.name]() if cell.operation.name in FILES else None
        return self.world.caller(
            cell.operation.method, path, cell.who.secret, cell.body, cell.query, content, if_match="*"
        )

    def _faults(self, cell: Cell, answer: Answer) -> Iterator[str]:
        shown = self.world.told(answer.text)
        foreign = [one for one in shown if not self._may_be_shown(cell.who, *self.world.canaries[one])]
        asked = str(cell.query.get("q"))
        if foreign and foreign != [asked]:
            yield f"shows {[(self.world.canaries[one][0].kind, self.world.canaries[one][1]) for one in foreign[:3]]}"
        wanted = {"unknown": (401,), "forbidden": (403,), "missing": (404,)}.get(cell.expected)
        if permission_of()[cell.operation.name].startswith("account.") and cell.expected == "missing":
            wanted = (404, 422)  # a token has no account of its own
        if cell.operation.name == "set_approval_rule" and cell.expected == "missing":
            wanted = (422,)  # a rule is named by a word of the description, not by an id
        if answer.status >= 500 and self.strict:  # else it may be the database that refuses to write
            yield f"broke with {answer.status}"
        elif wanted and answer.status not in wanted and (self.strict or self._is_done(cell, answer)):
            yield f"answered {answer.status}, not {wanted[0]}: {answer.text[:120]}"
        elif cell.expected == "answered" and self.strict and not self._answered(cell, answer):
            yield f"answered {answer.status}: {answer.text[:200]}"
        told = answer.status == 403 or (answer.status == 404 and cell.operation.method != "GET")
        refused = [one.action for one in self.noted if one.action == "refuse"]
        if refused != ["refuse"] * told:
            yield f"answered {answer.status} and told the trail of {len(refused)} refusals"
        if cell.expected == "missing" and answer.status == 404:
            yield from self._tells_apart(cell, answer)
        if cell.expected == "answered" and answer.status == 200 and self.strict:
            yield from self._miscounts(cell, answer)

    def _may_be_shown(self, who: Identity, row: Row, field: str) -> bool:
        return who.known and (who.may_read(row, field) or (not self.strict and _passes_the_database(who, row)))

    def _is_done(self, cell: Cell, answer: Answer) -> bool:
        """With the application's lock off, whether something was done to what the database is to keep. It does not tell
        seeing a record from a right to change it; the application does."""
        if answer.status >= 300 or cell.expected != "missing":
            return answer.status < 300
        who, about = cell.who, cell.about
        if about is None:  # without the word it is about things that they see, and may not change
            return "missing" in cell.said
        return not (who.sees(about) or _passes_the_database(who, about))

    def _answered(self, cell: Cell, answer: Answer) -> bool:
        if cell.operation.method == "GET":
            return answer.status == 200
        # What is allowed may still contradict the books; account.… may not suit a token.
        account = permission_of()[cell.operation.name].startswith("account.")
        if answer.status == 403 and cell.operation.name == "withdraw_approval":
            return True  # that is for whoever asked for it
        if answer.status == 403 and cell.operation.name == "approve":
            return cell.who.role not in ALLOWED["valuation.change"]  # it is a mark that is to be voided
        return answer.status < 300 or answer.status in (409, 412, 422, 428) or (account and answer.status != 403)

    def _tells_apart(self, cell: Cell, answer: Answer) -> Iterator[str]:
        """A foreign id and one that is not there must be told the same, byte for byte."""
        if cell.about is None or self.known_missing.get(self._key(cell)) in (None, answer.told()):
            if cell.about is None:
                self.known_missing[self._key(cell)] = answer.told()
            return
        yield f"tells a foreign record from a missing one: {answer.told()[:150]}"

    def _key(self, cell: Cell) -> tuple[str, str, str]:
        return (cell.operation.name, cell.who.name, cell.said.removeprefix("missing ").removeprefix("missing"))

    def _miscounts(self, cell: Cell, answer: Answer) -> Iterator[str]:
        kind = LISTS.get(cell.operation.name)
        if kind is None:
            return
        found = answer.json()
        ids = sorted(one.get("id") or one.get("fund_id") for one in found["items"])
        if cell.said:
            if found["total"] or ids:
                yield f"finds {ids} (total {found['total']}) where nothing is theirs"
            return
        mine = sorted(row.id for row in self.world.rows if row.kind == kind and not row.gone and cell.who.sees(row))
        if ids != mine or found["total"] != len(mine):
            yield f"lists {ids} (total {found['total']}), not {mine}"

    def unchanged(self, after: str) -> list[str]:
        """Whether the refusals so far left everything as it was."""
        now = self.world.state()
        fault = [] if now == self.before else [f"{after}: a refused request changed the database"]
        self.before = now
        self.result.wrong += fault
        return fault


@contextmanager
def refusals_noted(noted: list[Event]) -> Iterator[None]:
    """What the trail is told of refusals is counted instead of written: thousands of them take longer than asking."""
    with mock.patch.object(Database, "witness", lambda _database, _actor, event: noted.append(event)):
        yield


@contextmanager
def nothing_is_kept() -> Iterator[None]:
    """What is allowed is done and taken back, so that each cell finds the world as it was."""
    kept: Callable[..., Any] = Database.transaction

    @contextmanager
    def undone(self: Database, actor: Actor) -> Iterator[Session]:
        with kept(self, actor) as session:
            yield session
            session.flush()
            session.get_transaction().rollback()  # type: ignore[union-attr]

    Database.transaction = undone  # type: ignore[method-assign]
    try:
        yield
    finally:
        Database.transaction = kept  # type: ignore[method-assign]


def run(world: World, people: Iterable[Identity], *, strict: bool = True, one_in: int = 1) -> Result:
    """Ask every cell of these people, or of one in so many of the pairs of an operation and who asks."""
    # With the application's lock off some who only see a record change it, which is to be undone.
    checker = Checker(world, strict=strict, undo=not strict)
    last = None
    # What is missing is asked first, so that each foreign record can be compared with it.
    ordered = sorted(cells(world, people), key=lambda one: (one.operation.name, one.about is not None))
    for cell in ordered:
        if not strict and cell.expected in ("unknown", "forbidden"):
            continue  # the database is not asked of what a role or no sign-in forbids
        if crc32(f"{cell.operation.name} {cell.who.name}".encode()) % one_in:
            continue
        if last is not None and cell.operation.name != last:
            checker.unchanged(last)
        checker.check(cell)
        last = cell.operation.name
    checker.unchanged(last or "")
    return checker.result


def main() -> int:
    """1 if a cell is wrong."""
    from tests.access.identities import everybody
    from tests.access.locks import application_off, opened, rows_off

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--off", choices=("application", "rows"))
    parser.add_argument("--only", help="names of identities, with commas between them")
    chosen = parser.parse_args()
    with opened(postgres=chosen.postgres) as world, ExitStack() as locks:
        if chosen.off:
            locks.enter_context(application_off() if chosen.off == "application" else rows_off(world))
        people = [one for one in everybody(world) if not chosen.only or one.name in chosen.only.split(",")]
        began = time.process_time()
        result = run(world, people, strict=chosen.off != "application")
        print(f"{result}, {time.process_time() - began:.0f} s of processor time\n{result.faults()}")
    return 1 if result.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
