"""Two firms with everything in them, every text and amount a canary that is found again wherever it appears.

Firm ``a`` has two funds: ``one`` (investors lp1, lp2 and lp4) and ``two`` (lp3). The company ``shared`` is held by
both, ``other`` by fund two. Firm ``b`` has a fund ``far`` with lp9 and the company ``away``. Each kind of record is
there live, and where it can be, taken back.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from fastapi import FastAPI
from sqlalchemy import Connection, create_engine, select

from tests.access.caller import Answer, Caller
from tests.clients import application
from vestry.alerts.models import Alert
from vestry.all_models import metadata
from vestry.approvals.models import ApprovalRequest
from vestry.core import outbox, tagged
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.identity import service as identity
from vestry.identity.door import UNKNOWN

API = "/api/v1"
MISSING = 2**40
LOGGED = ("audit", "kept_answer")  # tables that are to grow when something is refused


@dataclass(frozen=True)
class Row:
    """A record: whose it is. ``part`` is its fund, ``investor`` and ``company`` what else it hangs on."""

    kind: str
    id: int
    firm: str
    part: str = ""
    investor: str = ""
    company: str = ""
    gone: bool = False


@dataclass
class World:
    """The firms in a database, their rows, and the canaries."""

    app: FastAPI
    database: Database
    caller: Caller
    owner: Connection  # of the database's own user, whom no lock stops
    actors: dict[str, Actor] = field(default_factory=dict)
    admins: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    canaries: dict[str, tuple[Row, str]] = field(default_factory=dict)
    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    found: re.Pattern[str] = field(default_factory=lambda: re.compile("$^"))

    def close(self) -> None:
        """Give back what was opened for it."""
        self.caller.close()
        self.owner.close()
        self.owner.engine.dispose()

    def state(self) -> str:
        """A fingerprint of every table but those that are to grow when something is refused."""
        rows = self.owner.exec_driver_sql(fingerprint()).all()
        self.owner.rollback()  # the next one sees what is there then
        return hashlib.sha256(repr(sorted(map(tuple, rows))).encode()).hexdigest()

    def word(self) -> str:
        """A text that is nowhere else."""
        return f"Zq{next(self.numbers):04d}x"

    def amount(self) -> str:
        """An amount that is nowhere else."""
        number = next(self.numbers)
        return f"{910_000 + 613 * number}.{number % 89 + 10}"

    def make(self, firm: str, path: str, row: dict[str, Any], **body: Any) -> dict[str, Any]:
        """Record something; its texts and amounts become canaries of the row."""
        answer = self.caller("POST", f"{API}/{path}", self.admins[firm], body)
        assert answer.status in (200, 201), (path, answer.text)
        made: dict[str, Any] = answer.json()
        self.keep(Row(id=made["id"], firm=firm, **row), body)
        return made

    def keep(self, row: Row, body: dict[str, Any]) -> None:
        """Remember a row, and which of its fields hold canaries."""
        self.rows.append(row)
        for name, value in body.items():
            if isinstance(value, str) and (value.startswith("Zq") or re.fullmatch(r"9\d{5,}\.\d\d", value)):
                self.canaries[value] = (row, name)

    def one(self, kind: str, **wanted: Any) -> Row:
        """The only live row of a kind like that."""
        wanted = {"gone": False} | wanted
        found = [row for row in self.rows if row.kind == kind and all(getattr(row, k) == v for k, v in wanted.items())]
        assert found, (kind, wanted)
        return found[0]

    def told(self, text: str) -> set[str]:
        """The canaries a text holds."""
        return set(self.found.findall(text))


def _owner(database: Database) -> Connection:
    return (database.reader if database.is_sqlite else create_engine(database.url)).connect()


@cache
def fingerprint() -> str:
    """A SELECT of how many rows every table holds and the sum of their versions, but those that grow by refusals."""
    version = "coalesce(sum(version), 0)"
    return " UNION ALL ".join(
        f"SELECT '{table.name}', count(*), {version if 'version' in table.c else 0} FROM \"{table.name}\""
        for table in metadata.sorted_tables
        if not table.name.startswith(LOGGED)
    )


def build(database: Database) -> World:
    """Both firms, filled through the API."""
    app = application(database)
    world = World(app, database, Caller(app), _owner(database))
    for firm in ("a", "b"):
        with database.transaction(UNKNOWN) as session:
            made = identity.create_firm(session, name=f"Firm {firm}", currency="USD")
            world.actors[firm] = Actor("cli", made.id, "administrator", name="test")
        with database.transaction(world.actors[firm]) as session:
            _, world.admins[firm] = identity.create_token(session, world.actors[firm], name="x", role="administrator")
    _company(world, "a", "shared")
    _company(world, "a", "other")
    _company(world, "b", "away")
    _fund(world, "a", "one", ("lp1", "lp2", "lp4"), ("shared",))
    _fund(world, "a", "two", ("lp3",), ("shared", "other"))
    _fund(world, "b", "far", ("lp9",), ("away",))
    for firm in ("a", "b"):
        _office(world, firm)
    world.found = re.compile("|".join(re.escape(one) for one in sorted(world.canaries, key=len, reverse=True)))
    return world


def _company(world: World, firm: str, name: str) -> None:
    named = {"name": world.word(), "currency": "USD", "description": world.word(), "industry": world.word()}
    made = world.make(firm, "companies", {"kind": "company", "company": name}, **named)
    at = {"company": name}
    world.ids[firm, name] = made["id"]
    of = {"company_id": made["id"]}
    days = {"closed_on": "2024-01-10", "post_money": world.amount()}
    made = world.make(firm, "rounds", {"kind": "round", **at}, name=world.word(), **of, **days)
    world.make(
        firm, "securities", {"kind": "security", **at}, name=world.word(), kind="common", round_id=made["id"], **of
    )
    reported = {"metric": "revenue", "period": "2024-Q1", "value": world.amount(), "note": world.word()}
    path = f"{API}/companies/{of['company_id']}/metrics"
    answer = world.caller("PUT", path, world.admins[firm], {"values": [reported]})
    assert answer.status == 200, answer.text
    world.keep(Row("metric", of["company_id"], firm, **at), reported)
    word = world.word()
    answer = world.caller("POST", f"{path}/imports", world.admins[firm], content=figures_file(word))
    assert answer.status == 201, answer.text
    world.keep(Row("metric_import", answer.json()["id"], firm, **at), {"filename": word})
    source = {"name": world.word(), "provider": "feed", "address": "https://192.0.2.1/", "account": world.word()}
    world.make(firm, f"companies/{of['company_id']}/metrics/connections", {"kind": "connection", **at}, **source)
    gone = world.make(firm, "rounds", {"kind": "round", "gone": True, **at}, name=world.word(), **of, **days)
    _void(world, firm, f"rounds/{gone['id']}/void")
    mark = {"measured_on": "2024-12-31", "fair_value": world.amount(), "memo": world.word()}
    world.make(firm, "marks", {"kind": "mark", **at}, **mark, **of)
    _cohorts(world, firm, name)
    _requests(world, firm, name)
    says, actor = world.word(), world.actors[firm]
    with world.database.transaction(actor) as session:
        raised = {"kind": "metric", "subject": "x", "severity": "info", "state": "open", "holds": True, "says": says}
        about = {"figures": {}, "link": "/", "opened_at": session.info["now"], **of}
        session.add(alert := Alert(firm_id=actor.firm_id, **raised, **about))
        session.flush()
        world.keep(Row("alert", alert.id, firm, **at), {"says": says})


def _requests(world: World, firm: str, name: str) -> None:
    """A company that was asked for a quarter and answered with a note."""
    asked = {"period_kind": "quarter", "metrics": ["customers"], "starts_on": "2024-01-01", "is_scheduled": False}
    template = world.make(firm, "request-templates", {"kind": "request_template"}, name=world.word(), **asked)
    company, note = world.ids[firm, name], world.word()

    def send(method: str, path: str, body: dict[str, Any] | None) -> Any:
        answer = world.caller(method, f"{API}/{path}", world.admins[firm], body)
        assert answer.status in (200, 201), answer.text
        return answer.json()

    send("PUT", f"companies/{company}/recipients", {"recipients": [{"email": "founder@x.com"}]})
    about = {"template_id": template["id"], "period": "2024-Q1", "company_ids": [company]}
    made = send("POST", "data-requests", about)["asked"][0]
    link = send("POST", f"data-requests/{made['id']}/links", {})["link"]
    typed = [{"metric": "customers", "value": "5", "note": note}]
    secret, file = link.rpartition("=")[2], world.word()
    kept = world.caller("POST", f"{API}/forms/attachments", None, content=form_file(secret, file))
    assert kept.status == 201, kept.text
    send("POST", "forms/submit", {"token": secret, "values": typed})
    attached = kept.json()["attachments"][0]["id"]
    world.keep(Row("request_attachment", attached, firm, company=name), {})
    world.keep(Row("data_request", made["id"], firm, company=name), {"name": file})
    value = send("GET", f"data-requests/{made['id']}", None)["values"][0]
    world.keep(Row("submitted_value", value["id"], firm, company=name), {})
    world.keep(Row("metric", company, firm, company=name), {"note": note})  # which says it too


def _cohorts(world: World, firm: str, name: str) -> None:
    """One of everything about a company's cohorts, and a payment that was taken back."""
    books = f"companies/{world.ids[firm, name]}"
    facts: dict[str, tuple[str, dict[str, Any]]] = {
        "spend": ("spends", {"cohort_month": "2023-01-01", "spend": world.amount()}),
        "trade": ("trades", {"cohort_month": "2023-01-01", "sharing_percentage": "0.5", "cash_cap": world.amount()}),
        "threshold": ("thresholds", {"payment_period_month": 3, "minimum_payment_percent": "0.1"}),
        "override": (
            "threshold-overrides",
            {
                "cohort_month": "2023-01-01",
                "payment_period_month": 3,
                "reason": world.word(),
                "approved_by": world.word(),
            },
        ),
        "scenario": ("scenarios", {"name": "worst", "m0": "0.1", "churn": "0.3"}),
    }
    for kind, (path, body) in facts.items():
        world.make(firm, f"{books}/{path}", {"kind": kind, "company": name}, **body)
    paid = {"payment_date": "2023-01-05", "customer_id": world.word()}
    row = {"kind": "payment", "company": name}
    world.make(firm, f"{books}/payments", row, **paid, amount=world.amount(), reference_id=world.word())
    gone = world.make(firm, f"{books}/payments", row | {"gone": True}, **paid, amount=world.amount())
    _void(world, firm, f"{books}/payments/{gone['id']}/void")
    world.keep(Row("customer", 1, firm, company=name), {})
    _rounds(world, firm, name, books)
    word = world.word()
    answer = world.caller("POST", f"{API}/{books}/payments/upload", world.admins[firm], content=payments_file(word))
    assert answer.status == 201, answer.text
    world.keep(Row("upload", answer.json()["id"], firm, company=name), {"filename": word})


def _rounds(world: World, firm: str, name: str, books: str) -> None:
    """A round that was funded, and one that was taken back."""
    row = {"kind": "monthly_round", "company": name}
    made = world.make(firm, f"{books}/monthly-rounds", row, month="2023-01-01", planned_spend="1000")
    amount = world.amount()
    for step, body in (("approve", None), ("fund", {"paid_on": "2023-01-01", "amount": amount})):
        path = f"{API}/{books}/monthly-rounds/{made['id']}/{step}"
        answer = world.caller("POST", path, world.admins[firm], body, if_match="*")
        assert answer.status == 200, answer.text
    world.keep(Row("transfer", answer.json()["transfers"][0]["id"], firm, company=name), {"amount": amount})
    later = {"month": "2023-02-01", "planned_spend": world.amount()}
    gone = world.make(firm, f"{books}/monthly-rounds", row | {"gone": True}, **later)
    _void(world, firm, f"{books}/monthly-rounds/{gone['id']}/void")


def _fund(world: World, firm: str, part: str, lps: tuple[str, ...], held: tuple[str, ...]) -> None:
    word, amount, make = world.word, world.amount, world.make
    named = {"name": word(), "currency": "USD", "description": word(), "vintage_year": 2023}
    fund = make(firm, "funds", {"kind": "fund", "part": part}, **named)
    of, at = {"fund_id": fund["id"]}, {"part": part}
    world.ids[firm, part] = fund["id"]
    world.keep(Row("vehicle", fund["main_vehicle_id"], firm, part), {})
    for lp in lps:
        made = make(firm, "investors", {"kind": "investor", "investor": lp, **at}, name=word(), email=f"{word()}@x.com")
        world.ids[firm, lp] = made["id"]
        promise = {"investor_id": made["id"], "committed_on": "2023-01-01", "amount": amount()}
        make(firm, "commitments", {"kind": "commitment", "investor": lp, **at}, **promise, **of)
        nav = {"reported_on": "2024-06-30", "amount": amount(), "source": word(), "investor_id": made["id"]}
        make(firm, "reported-navs", {"kind": "nav", "investor": lp, **at}, **nav, **of)
    twice = make(
        firm, "commitments", {"kind": "commitment", "investor": lps[0], "gone": True, **at},
        investor_id=world.ids[firm, lps[0]], committed_on="2023-01-02", amount=amount(), **of,
    )  # fmt: skip
    _void(world, firm, f"commitments/{twice['id']}/void")
    for gone in (False, True):
        lines = [{"investor_id": world.ids[firm, lp], "fees": f"{1000 + next(world.numbers)}.13"} for lp in lps]
        days = {"called_on": "2023-02-01", "due_on": "2023-02-15", "purpose": word()}
        call = make(firm, "capital-calls", {"kind": "call", "gone": gone, **at}, lines=lines, **days, **of)
        _lines(world, firm, part, lps, lines, call)
        lines = [{"investor_id": world.ids[firm, lp], "gains": f"{2000 + next(world.numbers)}.17"} for lp in lps]
        days = {"declared_on": "2023-05-01", "due_on": "2023-05-15", "purpose": word()}
        back = make(firm, "distributions", {"kind": "distribution", "gone": gone, **at}, lines=lines, **days, **of)
        _lines(world, firm, part, lps, lines, back)
        entry = {"kind": "expense", "entered_on": "2023-03-01", "amount": amount(), "memo": word()}
        noted = make(firm, "vehicle-entries", {"kind": "entry", "gone": gone, **at}, **entry, **of)
        if gone:
            _void(world, firm, f"capital-calls/{call['id']}/void")
            _void(world, firm, f"distributions/{back['id']}/void")
            _void(world, firm, f"vehicle-entries/{noted['id']}/void")
        else:
            world.caller(
                "POST", f"{API}/capital-calls/{call['id']}/receipts", world.admins[firm], {"paid_on": "2023-02-15"}
            )
    make(
        firm, "reported-navs", {"kind": "nav", **at}, reported_on="2024-06-30", amount=amount(), source=word(), **of
    )  # fmt: skip
    for company in held:
        _deal(world, firm, part, company, of)
    if part == "two":
        _account(world, firm, of)


def _account(world: World, firm: str, of: dict[str, int]) -> None:
    """A managed account of fund two, whose books its client sees."""
    word, amount, at = world.word, world.amount, {"part": "account"}
    named = {"name": word(), "kind": "managed_account"}
    made = world.make(firm, "vehicles", {"kind": "vehicle", **at}, **named, **of)
    entry = {"kind": "expense", "entered_on": "2023-03-01", "amount": amount(), "memo": word()}
    world.make(firm, "vehicle-entries", {"kind": "entry", **at}, vehicle_id=made["id"], **entry)


def _lines(world: World, firm: str, part: str, lps: tuple[str, ...], lines: list[Any], whole: dict[str, Any]) -> None:
    for lp, line in zip(lps, lines, strict=True):
        amount = line.get("fees") or line["gains"]
        world.canaries[amount] = (Row("line", whole["id"], firm, part, lp), "amount")


def _deal(world: World, firm: str, part: str, company: str, of: dict[str, int]) -> None:
    word, amount, make = world.word, world.amount, world.make
    at = {"part": part, "company": company}
    cost = {"invested_on": "2024-01-10", "amount": amount(), "ownership": "0.1", "thesis": word(), "memo": word()}
    made = make(
        firm, "investments", {"kind": "investment", **at}, company_id=world.ids[firm, company], **cost, **of
    )  # fmt: skip
    world.keep(Row("holding", made["holding_id"], firm, part, company=company), {})
    held = {"holding_id": made["holding_id"]}
    dividend = {"kind": "dividend", "transacted_on": "2024-09-30", "amount": amount(), "memo": word()}
    make(firm, "transactions", {"kind": "transaction", **at}, **dividend, **held)
    gone = make(
        firm, "transactions", {"kind": "transaction", "gone": True, **at}, **dividend | {"amount": amount()}, **held
    )
    _void(world, firm, f"transactions/{gone['id']}/void")
    mark = {"measured_on": "2024-06-30", "fair_value": amount(), "memo": word()}
    make(firm, "marks", {"kind": "mark", **at}, **mark, **held)
    gone = make(firm, "marks", {"kind": "mark", "gone": True, **at}, **mark | {"measured_on": "2024-03-31"}, **held)
    _void(world, firm, f"marks/{gone['id']}/void")


def _office(world: World, firm: str) -> None:
    """What belongs to the firm itself: people, tokens, grants, a file."""
    user = world.make(firm, "users", {"kind": "user"}, email=f"{world.word()}@x.com", name=world.word(), role="analyst")
    fund = world.ids[firm, "one" if firm == "a" else "far"]
    given = {"user_id": user["id"], "scope_kind": "fund", "scope_id": fund}
    world.make(firm, "grants", {"kind": "grant"}, **given)
    world.make(firm, "tokens", {"kind": "token"}, name=world.word(), role="auditor")
    text = f"fund,date,kind,amount\r\n{world.word()},2024-01-01,contribution,5\r\n"
    answer = upload(world, world.admins[firm], text)
    assert answer.status == 201, answer.text
    world.keep(Row("import", answer.json()["id"], firm), {"name": text.split("\r\n")[1].split(",")[0]})
    actor, title = world.actors[firm], world.word()
    with world.database.transaction(actor) as session:
        job = outbox.ask(session, "identity.sweep", {}, title=title, due_at=session.info["now"] + timedelta(days=1))
        waiting = _waiting(world, firm, session.info["now"])
        session.add(waiting)
        session.flush()
        world.keep(Row("job", job.id, firm), {"title": title})
        mine = select(outbox.Job.id).where(outbox.Job.firm_id == actor.firm_id, outbox.Job.id != job.id)
        for asked in session.scalars(mine):  # companies that are to be looked at
            world.keep(Row("job", asked, firm), {})
        world.keep(Row("approval", waiting.id, firm), {"maker": waiting.maker_name})


def _waiting(world: World, firm: str, now: datetime) -> ApprovalRequest:
    """Somebody wants a mark taken back."""
    mark = world.one("mark", firm=firm, company="shared" if firm == "a" else "away")
    payload = tagged.dumps({"args": [mark.id], "kwargs": {"reason": "twice"}})
    what = {"kind": "mark", "operation": "void_mark", "state": "pending", "payload": payload}
    maker = {"maker": "user:0", "maker_name": world.word()}
    return ApprovalRequest(firm_id=world.actors[firm].firm_id, created_at=now, **what, **maker)


def payments_file(name: str = "payments") -> tuple[str, bytes]:
    """A form with a file of one payment."""
    form = (
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
        f"customer_id,payment_date,amount\r\n{name},2023-02-01,5\r\n\r\n--x--\r\n"
    )
    return "multipart/form-data; boundary=x", form.encode()


def form_file(secret: str, name: str) -> tuple[str, bytes]:
    """A form with the secret of a link and a file beside its figures."""
    form = (
        f'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n{secret}\r\n'
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
        f"a,b\r\n1,2\r\n\r\n--x--\r\n"
    )
    return "multipart/form-data; boundary=x", form.encode()


def figures_file(name: str = "figures") -> tuple[str, bytes]:
    """A form with a file of one figure."""
    form = (
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
        f"metric,period,value\r\nrevenue,2021-Q1,{len(name)}\r\n\r\n--x--\r\n"
    )
    return "multipart/form-data; boundary=x", form.encode()


def upload(world: World, secret: str | None, text: str) -> Answer:
    """Send a file of flows."""
    form = (
        '--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\nflows\r\n'
        '--x\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\nContent-Type: text/csv\r\n\r\n'
        f"{text}\r\n--x--\r\n"
    )
    return world.caller("POST", f"{API}/imports", secret, content=("multipart/form-data; boundary=x", form.encode()))


def _void(world: World, firm: str, path: str) -> None:
    answer = world.caller("POST", f"{API}/{path}", world.admins[firm], {"reason": world.word()})
    assert answer.status == 204, (path, answer.text)
