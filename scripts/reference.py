"""Write ``docs/reference`` from the code: the policy, the settings, the commands, the refusals.

``make reference`` writes the pages; a completeness test fails where a committed page differs from the code.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from vestry.api import errors
from vestry.api.app import ROUTERS
from vestry.cli.commands import COMMANDS, Argument, Command
from vestry.core.errors import VestryError
from vestry.core.settings import Settings
from vestry.identity.policy import GRANTS, HIDDEN, POLICY, ROLES, UNPUBLISHED, needs_firm
from vestry.identity.reach import CHANGED_BY, WAYS, Way
from vestry.imports import exports

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
# What these refuse is said before there is an API, or on the terminal.
NOT_ANSWERED = (
    "vestry.cli",
    "vestry.worker",
    "vestry.identity.acting",
    "vestry.core.settings",
)
WRITTEN = "Written from the code by `make reference`; a test fails where it is stale.\n"


def policy() -> str:
    """Which role may do what, to which rows, and which fields it does not see."""
    head = [
        "# Policy",
        "",
        "Which role may do what, to which rows, and which fields it sees. What is not listed is allowed to nobody.",
        "[Access](../concepts/access.md) explains it.",
        WRITTEN,
        "## Operations",
        "",
        "“firm”: only with a grant on the whole firm. “yes”: on whatever the grants lead to.",
        "",
        _row("operation", *ROLES),
        _row(*["---"] * (len(ROLES) + 1)),
    ]
    rows = [
        _row(f"`{name}`", *((("firm" if needs_firm(name) else "yes") if role in allowed else "–") for role in ROLES))
        for name, allowed in POLICY.items()
    ]
    tail = [
        "",
        "An operation that ends in `.read` gets a database session that cannot write. `account.…` is about oneself.",
        "A token has a role and grants of its own, whoever made it. The command line acts as an administrator of the",
        "oldest firm.",
    ]
    return _page([*head, *rows, *tail, *_grants(), *_ways(), *_hidden()])


def _grants() -> list[str]:
    head = ["", "## Grants", "", "What a grant opens. Administrators see the whole firm without one.", ""]
    rows = [_row(kind, who.replace("_", " "), says) for (kind, who), says in GRANTS.items()]
    tail = ["", "Staff: administrator, manager, analyst, accountant, auditor. Partakers: advisor, client, investor."]
    return [*head, _row("a grant on a", "to", "opens"), _row("---", "---", "---"), *rows, *tail]


def _ways() -> list[str]:
    head = [
        "",
        "## Rows",
        "",
        "How a row of each table is reached by those who do not see the whole firm; any one way will do. The sets are",
        "`vehicles` (whose books are granted), `published` (vehicles taken part in), `companies`, `marked`,",
        "`investors` and `funds` (granted themselves). Earlier versions are reached as the current one is.",
        "",
        _row("table", "is seen when", "is changed when"),
        _row("---", "---", "---"),
    ]
    return [
        *head,
        *(
            _row(f"`{name}`", _said(ways), _said(CHANGED_BY[name]) if name in CHANGED_BY else "seen")
            for name, ways in WAYS.items()
        ),
    ]


def _said(ways: tuple[Way, ...]) -> str:
    return "; or ".join(way.says for way in ways) or "the whole firm is seen"


def _hidden() -> list[str]:
    head = ["", "## Fields", "", "What is null to these roles in the records they see.", ""]
    rows = [_row(f"`{record}.{field}`", ", ".join(sorted(roles))) for (record, field), roles in HIDDEN.items()]
    without = ", ".join(f"`{name}`" for name in sorted(UNPUBLISHED))
    tail = ["", f"Figures that are published, not theirs, come without {without}."]
    return [*head, _row("field", "hidden from"), _row("---", "---"), *rows, *tail]


def settings() -> str:
    """Every setting with its variable, default and meaning."""
    head = [
        "# Settings",
        "",
        "Environment variables, or lines of a `.env` file in the working directory; the environment wins.",
        WRITTEN,
        _row("variable", "default", "what it is"),
        _row("---", "---", "---"),
    ]
    rows = [
        _row(" or ".join(f"`{one}`" for one in _variables(name, field)), _default(field), _escaped(field.description))
        for name, field in Settings.model_fields.items()
    ]
    return _page([*head, *rows])


def commands() -> str:
    """Every command with its arguments."""
    head = [
        "# Commands",
        "",
        "`.venv/bin/vestry` in a checkout. Each command reads the same [settings](settings.md) as the server and works",
        "on the same database. The exit status is 0; 1 for a refusal (said on standard error) or a check that failed;",
        "2 for a command line that cannot be read.",
        WRITTEN,
        "`vestry --version` prints the version; `vestry COMMAND --help` says what is below.",
    ]
    return _page([*head, *(line for command in COMMANDS for line in _command(command))])


def refusals() -> str:
    """Every code a problem may carry, by status."""
    head = [
        "# Refusals",
        "",
        "What the `code` of a [problem](../how-to/use-the-api.md#refusals) may be. Each says more in its `detail`,",
        "and how to go on in `mend`.",
        WRITTEN,
        _row("status", "code", "when"),
        _row("---", "---", "---"),
    ]
    assert ROUTERS  # importing the API imports every error it can answer with,
    assert exports  # and this those of the command line
    rows = sorted((_status(kind), kind.code(), _sentence(kind)) for kind in _kinds(VestryError))
    rows += [
        (405, "method_not_allowed", errors.PLAIN[405][1]),
        (500, "unexpected", "Something went wrong on our side; nothing was stored."),
        *errors.OUTAGES.values(),
    ]
    return _page([*head, *(_row(str(status), f"`{code}`", _escaped(when)) for status, code, when in sorted(rows))])


PAGES = {"policy.md": policy, "settings.md": settings, "cli.md": commands, "refusals.md": refusals}


def _kinds(kind: type[VestryError]) -> Iterator[type[VestryError]]:
    for inner in kind.__subclasses__():
        if inner.__module__.startswith("vestry.") and not inner.__module__.startswith(NOT_ANSWERED):
            yield inner
        yield from _kinds(inner)


def _status(kind: type[VestryError]) -> int:
    return next(status for known, status in errors.STATUSES if issubclass(kind, known))


def _sentence(kind: type[VestryError]) -> str:
    text = " ".join((kind.__doc__ or "").split()).replace("``", "`")
    return text.partition(". ")[0].rstrip(".") + "."


def _command(command: Command) -> list[str]:
    usage = " ".join(["vestry", command.words, *map(_usage, command.arguments)])
    lines = ["", f"## {command.words}", "", f"{command.help[0].upper()}{command.help[1:]}.", "", f"    {usage}"]
    if command.arguments:
        lines += ["", _row("argument", "what it is"), _row("---", "---")]
        lines += [_row(f"`{_name(one)}`", _escaped(one.options.get("help"))) for one in command.arguments]
    return lines


def _usage(argument: Argument) -> str:
    optional = argument.flags[0].startswith("-") and not argument.options.get("required")
    optional = optional or argument.options.get("nargs") in ("?", "*")
    return f"[{_name(argument)}]" if optional else _name(argument)


def _name(argument: Argument) -> str:
    flag = argument.flags[0]
    if not flag.startswith("-"):
        return flag.upper()
    if argument.options.get("action") == "store_true":
        return flag
    given = argument.options.get("metavar") or "|".join(map(str, argument.options.get("choices") or ()))
    return f"{flag} {given or flag.lstrip('-').replace('-', '_').upper()}"


def _variables(name: str, field: FieldInfo) -> list[str]:
    if isinstance(field.validation_alias, AliasChoices):
        return [str(choice) for choice in field.validation_alias.choices]
    return [f"VESTRY_{name.upper()}"]


def _default(field: FieldInfo) -> str:
    if field.default is None:
        return "none"
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def _escaped(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _page(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the pages."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        print(f"wrote docs/reference/{name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
