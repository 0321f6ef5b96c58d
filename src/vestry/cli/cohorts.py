"""``vestry cohorts solve``: terms of a trade from its aims, by the same functions as the API's."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from pydantic import ValidationError
from sqlalchemy.orm import Session

from vestry.cli import local
from vestry.cohorts.cashflows.books import books_of
from vestry.cohorts.forecasts import service
from vestry.cohorts.forecasts.schemas import SolveIn
from vestry.companies.models import Company
from vestry.core import encoding
from vestry.core.actor import Actor
from vestry.core.errors import Invalid
from vestry.identity.access import visible

ASKED = ("cohort_month", "spend", "churn", "m0", "scenario", "model", "target_irr", "largest_chance_of_loss")


def solve(arguments: Namespace) -> int:
    """Sharing and cap for a target rate and a bearable chance of loss; 1 where there are none."""
    given: dict[str, Any] = {name: getattr(arguments, name) for name in ASKED if getattr(arguments, name) is not None}
    try:
        asked = SolveIn.model_validate(given | {"horizon": arguments.horizon, "seed": arguments.seed})
    except ValidationError as error:
        first = error.errors()[0]
        flag = "--" + str(first["loc"][0]).replace("_", "-")
        raise Invalid(f"{flag}: {first['msg'].removeprefix('Value error, ')}") from None
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.reading(actor) as session:
            books = books_of(session, actor, _company(session, actor, arguments.company))
            found = service.solve(session, books, asked.model_dump())
    if arguments.json:
        print(encoding.dumps(found).decode())
    else:
        _print(found)
    return 0 if found["proposal"]["status"] == "found" else 1


def _company(session: Session, actor: Actor, named: str) -> int:
    found = [one.id for one in session.scalars(visible(actor, Company)) if named in (one.name, str(one.id))]
    if len(found) != 1:
        mend = "Give its id." if found else "Give its name as it is written, or its id."
        raise Invalid(f"There is {'more than one' if found else 'no'} company {named!r}.", mend=mend)
    return found[0]


def _print(found: dict[str, Any]) -> None:
    outlook, proposal = found["outlook"], found["proposal"]
    assumed = {name: value for name, value in outlook["assumed"].items() if value is not None}
    print(
        f"{outlook['cohort_month']:%Y-%m}, spend {outlook['spend']} {outlook['currency']}, assumed: "
        + ", ".join(f"{name} {value}" for name, value in assumed.items())
    )
    if outlook["spread_reason"] is not None:
        print(
            f"Every future is the expected one, as nothing tells how far the cohorts stray: {outlook['spread_reason']}."
        )
    if proposal["status"] != "found":
        print(f"No terms: {proposal['reason']}.")
        return
    irr = found["result"]["annual_irr"]["p50"]
    print(
        f"Sharing {float(proposal['sharing_percentage']):.0%}, cap {proposal['cash_cap']} "
        f"({proposal['multiple']:.2f}x the outlay)"
    )
    print(
        f"Median IRR {'–' if irr is None else f'{irr:.2%}'}, chance of loss "
        f"{proposal['chance_of_loss']:.1%} ± {proposal['chance_of_loss_error']:.1%}"
    )
