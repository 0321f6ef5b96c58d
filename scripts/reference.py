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
from vestry.identity.policy import POLICY, ROLES

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
# What these refuse is said before there is an API, or on the terminal.
NOT_ANSWERED = ("vestry.cli", "vestry.core.settings")
WRITTEN = "Written from the code by `make reference`; a test fails where it is stale.\n"


def policy() -> str:
    """Which role may do what, an operation a row."""
    head = [
        "# Policy",
        "",
        "Which role may do what, in all of its firm. What is not listed is allowed to nobody.",
        WRITTEN,
        _row("operation", *ROLES),
        _row(*["---"] * (len(ROLES) + 1)),
    ]
    rows = [
        _row(f"`{name}`", *("yes" if role in allowed else "–" for role in ROLES)) for name, allowed in POLICY.items()
    ]
    tail = [
        "",
        "An operation that ends in `.read` gets a database session that cannot write. `account.…` is about oneself.",
        "A token has a role of its own, whoever made it. The command line acts as an administrator of the oldest firm.",
    ]
    return _page([*head, *rows, *tail])


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
    assert ROUTERS  # importing the API imports every error it can answer with
    rows = sorted((_status(kind), kind.code(), _sentence(kind)) for kind in _kinds(VestryError))
    rows += [
        (405, "method_not_allowed", errors.PLAIN[405][1]),
        (500, "unexpected", "Something went wrong on our side; nothing was stored."),
        (503, "busy", "Too much is being written at this moment."),
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
