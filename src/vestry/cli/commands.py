"""Which commands there are; each names the function that runs it, imported when it is called."""

from __future__ import annotations

import argparse
import gc
import getpass
import importlib
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Arguments = argparse.Namespace
WAITS = 3  # the exit status of a change that was accepted and waits for a second person


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command, as argparse takes it."""

    flags: tuple[str, ...]
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its words, what it does, where it lives, what it takes."""

    words: str
    help: str
    runs: str
    arguments: tuple[Argument, ...] = ()


def takes(*flags: str, **options: Any) -> Argument:
    """An argument."""
    return Argument(flags, options)


AS_JSON = takes("--json", action="store_true", help="print JSON")
ROLE = takes(
    "--role",
    required=True,
    help="administrator, manager, analyst, accountant, auditor, advisor, client, investor or company_contact",
)
GRANT = takes(
    "--grant",
    action="append",
    metavar="KIND:ID",
    help="what may be seen: firm, fund:12, vehicle:3, company:7, investor:5 (repeatable; without: staff see the firm)",
)
REQUEST = takes("id", type=int, help="the number of the request")

COHORT_COMPANY = takes("company", help="the company: its name, or its id")

IMPORTING = (
    takes("file", help="a CSV or XLSX file"),
    takes("--yes", action="store_true", help="record without asking"),
    takes("--again", action="store_true", help="take a file that was imported before"),
    takes("--map", action="append", metavar="COLUMN=FIELD", help="which column is which field (repeatable)"),
    takes("--fund", help="the fund of rows that name none"),
    takes("--currency", help="of funds the file makes without naming one (default: the firm's)"),
    takes("--as-of", help="the day of a summary's balances, YYYY-MM-DD"),
    takes("--scale", help="what one unit of a summary's amounts is: 1, 1000 or 1000000"),
    takes("--date-format", help="YYYY-MM-DD (default), DD/MM/YYYY, MM/DD/YYYY, DD.MM.YYYY, …"),
    takes("--decimal", help="the decimal sign (default: .)"),
    takes("--thousands", help="the thousands separator (default: none)"),
    takes("--delimiter", help="of a CSV file (default: found)"),
    takes("--encoding", help="utf-8 (default), utf-16, cp1252, latin-1"),
    takes("--sheet", help="of a workbook (default: the first with rows)"),
)

COMMANDS = (
    Command("run", "set up the database, load the demo firm if it is empty, serve", "server:run"),
    Command(
        "serve",
        "serve the API and the web client",
        "server:serve",
        (
            takes("--reload", action="store_true", help="restart when the code changes (for developers)"),
            takes("--workers", type=int, default=1, help="processes (PostgreSQL only)"),
        ),
    ),
    Command("worker", "do the jobs that others asked for (PostgreSQL; run as many as you like)", "server:worker"),
    Command(
        "db upgrade",
        "bring the database to this version's tables",
        "database:upgrade",
        (takes("--revision", default="head", help="a revision (default: the newest)"),),
    ),
    Command(
        "db downgrade",
        "take the database back to a revision",
        "database:downgrade",
        (takes("revision", help="a revision, or base"),),
    ),
    Command(
        "db backup",
        "the same as backup",
        "backups:backup",
        (takes("file", help="where to write it"),),
    ),
    Command(
        "backup",
        "write a consistent copy of the books while they are in use, and a manifest of what it holds",
        "backups:backup",
        (takes("file", help="where to write it; its manifest lies beside it"),),
    ),
    Command(
        "restore",
        "restore a backup into an empty database and compare it with its manifest",
        "backups:restore",
        (
            takes("file", help="the backup"),
            takes("--verify", action="store_true", help="where the database holds something: only try it elsewhere"),
        ),
    ),
    Command(
        "demo",
        "load the demo firm's funds into an empty database",
        "demo:load",
        (takes("--funds", type=int, default=1, help="funds of each kind (default: 1 venture, 1 buyout)"),),
    ),
    Command("fund list", "the funds", "funds:list_funds", (AS_JSON,)),
    Command(
        "fund performance",
        "net and gross figures of a fund, or of all",
        "funds:performance",
        (
            takes("fund", nargs="?", help="a fund's name or id"),
            takes("--all", action="store_true", help="every fund"),
            takes("--as-of", help="as of this day, YYYY-MM-DD (default: today)"),
            takes("--known-at", help="as known at this instant, such as 2024-06-30T12:00:00Z (default: now)"),
            AS_JSON,
        ),
    ),
    Command(
        "cohorts solve",
        "terms of a trade from its aims: the most sharing and the least cap for a rate and a chance of loss",
        "cohorts:solve",
        (
            takes("company", help="a company's name or id"),
            takes("--target-irr", required=True, help="the rate a year, such as 0.2"),
            takes("--largest-chance-of-loss", required=True, metavar="CHANCE", help="such as 0.05"),
            takes("--cohort-month", help="YYYY-MM (default: a cohort still to come)"),
            takes("--spend", help="the month's spend (default: as recorded)"),
            takes("--churn", help="the part of the payments lost each month, such as 0.05 (default: the best model)"),
            takes("--m0", help="the first month's payments ÷ spend (default: as the company's cohorts did)"),
            takes("--scenario", help="worst, average or best"),
            takes("--model", help="constant, sbg, bdw, seasonal, bgnbd or paretonbd"),
            takes("--horizon", type=int, default=36, help="months in all (default: 36)"),
            takes("--seed", type=int, default=1, help="of the drawn futures (default: 1)"),
            AS_JSON,
        ),
    ),
    Command(
        "doctor",
        "versions, settings, database, migrations, disk: what is wrong and how to mend it",
        "doctor:examine",
        (AS_JSON,),
    ),
    Command(
        "token create",
        "make an API token; its secret is the last line printed",
        "identity:create_token",
        (
            ROLE,
            GRANT,
            takes("--name", default="command line", help="what the token is for"),
            takes("--days", type=int, help="days until it expires (default: never)"),
            takes("--network", action="append", help="only from this address or prefix, 10.0.0.0/8 (repeatable)"),
        ),
    ),
    Command(
        "user create",
        "add a person, who signs in by the one-use link printed last",
        "identity:create_user",
        (
            takes("email", help="the address they sign in with"),
            takes("--name", required=True, help="their name"),
            ROLE,
            GRANT,
        ),
    ),
    Command(
        "person export",
        "print all that is kept about a person, a user or an investor's contact, as one JSON object",
        "people:export",
        (takes("email", help="their address"),),
    ),
    Command(
        "person erase",
        "replace a person's name, address, devices and networks by a pseudonym; the books stay as they are",
        "people:erase",
        (
            takes("email", help="their address"),
            takes("--yes", action="store_true", help="it cannot be undone"),
            takes("--investors", action="store_true", help="the names of investors with that address too"),
        ),
    ),
    Command(
        "user invite",
        "invite a person by mail; the link is the last line printed",
        "identity:invite",
        (
            takes("email", help="the address they will sign in with"),
            takes("--name", required=True, help="their name"),
            ROLE,
            GRANT,
        ),
    ),
    Command(
        "user reset-password",
        "print a one-use link to a new password; the second factor is still asked for",
        "identity:password_reset",
        (takes("email", help="whose"),),
    ),
    Command(
        "user reset-factors",
        "take away the second factors of a person who lost them, and end their sessions",
        "identity:reset_factors",
        (takes("email", help="whose"),),
    ),
    Command(
        "approval list",
        "what waits for a second person, or was decided",
        "approvals:list_requests",
        (
            takes(
                "--state", default="pending", choices=("pending", "approved", "refused", "withdrawn"), help="(pending)"
            ),
            AS_JSON,
        ),
    ),
    Command("approval show", "one request as JSON: every row it would change", "approvals:show", (REQUEST,)),
    Command(
        "approval approve", "do what was asked for; reads a token of whoever approves", "approvals:approve", (REQUEST,)
    ),
    Command(
        "approval refuse",
        "say no; reads a token of whoever refuses",
        "approvals:refuse",
        (REQUEST, takes("--reason", required=True, help="why, for whoever asked")),
    ),
    Command("approval withdraw", "take back what the command line asked for", "approvals:withdraw", (REQUEST,)),
    Command("keys new", "print a fresh key for VESTRY_ENCRYPTION_KEYS", "identity:new_key"),
    Command("keys rotate", "seal every encrypted field with the first key", "identity:rotate_keys"),
    Command(
        "sign-in-link",
        "print a one-use link that signs a person in",
        "identity:sign_in_link",
        (takes("email", nargs="?", help="whose (default: the first administrator)"),),
    ),
    Command(
        "import flows", "record a file of dated flows: fund, date, kind, amount, recallable", "imports:flows", IMPORTING
    ),
    Command("import summary", "record a summary table: one row a fund with its totals", "imports:summary", IMPORTING),
    Command(
        "import ledger",
        "record a full ledger: a workbook, a zip or a folder of CSV files",
        "imports:ledger",
        IMPORTING,
    ),
    Command(
        "import undo",
        "take back what an import brought in",
        "imports:take_back",
        (takes("id", type=int, help="the number its receipt names"),),
    ),
    Command(
        "export",
        "write the whole ledger in the form that import ledger reads, and what is kept beside it",
        "imports:export",
        (takes("target", help="FILE.xlsx, FILE.zip, or a new folder for CSV files"),),
    ),
    Command(
        "audit verify",
        "check the audit trail against its key and the heads kept outside the database; 1 when it is not whole",
        "audit:verify",
        (AS_JSON,),
    ),
    Command(
        "audit export",
        "write the whole audit trail as a sealed file that others can verify without Vestry",
        "audit:export",
        (takes("file", help="where to write it"),),
    ),
    Command(
        "metrics import",
        "record a file of a company's figures: periods across and metrics down, or one figure a row",
        "figure_files:take_in",
        (
            COHORT_COMPANY,
            takes("file", help="XLSX or CSV"),
            takes(
                "--map",
                action="append",
                metavar="LABEL=METRIC",
                help="what a line is; empty: leave it out (repeatable)",
            ),
            takes("--period-kind", choices=("month", "quarter", "year"), help="of periods that are named by a day"),
            takes("--scenario", default="actual", choices=("actual", "budget", "forecast"), help="default: actual"),
            takes("--date-format", help="YYYY-MM-DD (default), DD/MM/YYYY, MM/DD/YYYY, DD.MM.YYYY, …"),
            takes("--decimal", help="the decimal sign (default: .)"),
            takes("--thousands", help="the thousands separator (default: none, or as the file shows)"),
            takes("--delimiter", help="of a CSV file (default: found)"),
            takes("--encoding", help="utf-8 (default), utf-16, cp1252, latin-1"),
            takes("--sheet", help="of a workbook (default: all)"),
        ),
    ),
    Command(
        "metrics template",
        "write the workbook that a company fills with its next figures",
        "figure_files:template",
        (
            COHORT_COMPANY,
            takes("file", help="where to write it (.xlsx)"),
            takes("--period", default="quarter", choices=("month", "quarter", "year"), help="default: quarter"),
            takes("--ahead", type=int, default=1, choices=range(1, 13), help="how many periods to fill (default: 1)"),
            takes("--scenario", default="actual", choices=("actual", "budget", "forecast"), help="default: actual"),
        ),
    ),
    Command(
        "cohorts upload",
        "record a file of a company's payments: customer_id, payment_date, amount, reference_id",
        "cohort_files:upload",
        (
            COHORT_COMPANY,
            takes("file", help="CSV (also packed with gzip), Parquet or XLSX"),
            takes("--map", action="append", metavar="COLUMN=FIELD", help="which column is which field (repeatable)"),
            takes("--date-format", help="YYYY-MM-DD (default), DD/MM/YYYY, MM/DD/YYYY, DD.MM.YYYY, …"),
            takes("--decimal", help="the decimal sign (default: .)"),
            takes("--thousands", help="the thousands separator (default: none)"),
            takes("--delimiter", help="of a CSV file (default: found)"),
            takes("--encoding", help="utf-8 (default), utf-16, cp1252, latin-1"),
            takes("--sheet", help="of a workbook (default: the first with rows)"),
        ),
    ),
    Command(
        "cohorts table",
        "what every cohort of a company paid, month by month",
        "cohort_files:table",
        (
            COHORT_COMPANY,
            takes(
                "--show",
                default="absolute",
                choices=("absolute", "percent_of_spend", "cumulative", "per_customer"),
                help="how payments are shown (default: absolute)",
            ),
            takes("--output", help="a .csv or .xlsx file (default: CSV on standard output)"),
        ),
    ),
    Command(
        "cohorts cashflows",
        "payments, shares and collections of every cohort, as JSON",
        "cohort_files:cashflows",
        (COHORT_COMPANY,),
    ),
    Command(
        "cohorts payments",
        "write payments as Parquet, to be analysed by DuckDB and the like",
        "cohort_files:payments",
        (
            takes("folder", help="a new or empty folder; each company's payments stand in a folder of it"),
            takes("--company", action="append", help="a company's name or id (repeatable; default: every one)"),
        ),
    ),
    Command(
        "cohorts rounds",
        "the monthly rounds of a company: where each stands, what is owed and settled",
        "cohort_rounds:rounds",
        (COHORT_COMPANY,),
    ),
    Command(
        "cohorts statement",
        "the statement of a month, as it was issued or as a draft",
        "cohort_rounds:statement",
        (
            COHORT_COMPANY,
            takes("month", help="YYYY-MM"),
            takes("--side", default="fund", choices=("fund", "company"), help="for whom (default: fund)"),
            takes("--output", required=True, help="a .pdf or .xlsx file"),
        ),
    ),
    Command("openapi", "print the API's description", "server:openapi"),
)


def run(given: list[str]) -> int:
    """Parse, import the command's module, run it; refusals go to standard error."""
    parsed = parser().parse_args(given)
    if not hasattr(parsed, "runs"):
        parser().print_help()
        return 2
    module, _, function = parsed.runs.partition(":")
    gc.disable()  # what is imported stays: looking through it for garbage took a fifth of the time to start
    command: Callable[[Arguments], int] = getattr(importlib.import_module(f"vestry.cli.{module}"), function)
    gc.freeze()
    gc.enable()
    from vestry.core import trail
    from vestry.core.errors import VestryError

    trail.came_from(door="cli", address=_who(), operation=parsed.words)
    try:
        return command(parsed)
    except VestryError as error:
        if error.afterwards is not None:
            from vestry.cli import local

            with local.opened() as database, database.transaction(local.local_actor(database)) as session:
                error.afterwards(session)
        print(f"vestry: {error.message}", file=sys.stderr)
        for fault in error.faults:
            place = f"row {fault.row}, {fault.column}" if fault.row is not None else fault.path
            print(f"  {place}: {fault.message}", file=sys.stderr)
        if error.mend:
            print(f"  {error.mend}", file=sys.stderr)
        return WAITS if error.answer is not None else 1


def _who() -> str | None:
    """The account of the machine that runs the command."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"[:80]
    except (KeyError, OSError):  # an account without a name
        return None


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = argparse.ArgumentParser(prog="vestry", description="Funds, their ledger and their figures.")
    top.add_argument("--version", action="store_true", help="print the version")
    groups: dict[str, Any] = {"": top.add_subparsers(title="commands", metavar="COMMAND")}
    for command in COMMANDS:
        group, _, word = command.words.rpartition(" ")
        if group not in groups:
            inner = groups[""].add_parser(group, help=f"{group} …")
            groups[group] = inner.add_subparsers(title="commands", metavar="COMMAND", required=True)
        own = groups[group].add_parser(word, help=command.help, description=command.help)
        for argument in command.arguments:
            own.add_argument(*argument.flags, **argument.options)
        own.set_defaults(runs=command.runs, words=command.words)
    return top
