"""Which commands there are; each names the function that runs it, imported when it is called."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Arguments = argparse.Namespace


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
ROLE = takes("--role", required=True, help="administrator, manager, analyst or auditor")

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
        "write a consistent copy of the embedded database",
        "database:backup",
        (takes("file", help="where to write it"),),
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
            takes("--name", default="command line", help="what the token is for"),
            takes("--days", type=int, help="days until it expires (default: never)"),
        ),
    ),
    Command(
        "user create",
        "add a person, who signs in by the one-use link printed last",
        "identity:create_user",
        (takes("email", help="the address they sign in with"), takes("--name", required=True, help="their name"), ROLE),
    ),
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
        "write the whole ledger in the form that import ledger reads",
        "imports:export",
        (takes("target", help="FILE.xlsx, FILE.zip, or a new folder for CSV files"),),
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
    command: Callable[[Arguments], int] = getattr(importlib.import_module(f"vestry.cli.{module}"), function)
    from vestry.core.errors import VestryError

    try:
        return command(parsed)
    except VestryError as error:
        print(f"vestry: {error.message}", file=sys.stderr)
        for fault in error.faults:
            place = f"row {fault.row}, {fault.column}" if fault.row is not None else fault.path
            print(f"  {place}: {fault.message}", file=sys.stderr)
        if error.mend:
            print(f"  {error.mend}", file=sys.stderr)
        return 1


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
        own.set_defaults(runs=command.runs)
    return top
