"""Which step may follow which state, and what settles: the rules of a round, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Final

from vestry.core.errors import Conflict

NOTHING: Final = Decimal(0)
FROM: Final[dict[str, tuple[str, ...]]] = {
    "plan": ("planned", "declined"),
    "approve": ("planned",),
    "decline": ("planned",),
    "fund": ("approved", "funded", "spent", "stated", "settled"),
    "report": ("funded", "spent"),
    "issue": ("spent",),
    "settle": ("stated", "settled"),
    "step_back": ("approved", "funded", "spent", "stated", "settled"),
    "void": ("planned", "declined", "approved"),
}
# What a company does itself; everything else is the fund's.
COMPANY_STEPS: Final = ("plan", "report")
_WORDS: Final = {
    "plan": "change the plan",
    "approve": "approve the plan",
    "decline": "decline the plan",
    "fund": "record funding",
    "report": "report what was spent",
    "issue": "issue the statement",
    "settle": "record a settlement",
    "step_back": "step back",
    "void": "take the round back",
}


class StepNotAllowed(Conflict):
    """A round is not in the state from which that step leads on."""


def follows(state: str, planned: Decimal) -> list[str]:
    """The steps that may come next. With nothing planned there is nothing to fund: the statement comes next."""
    found = [step for step, states in FROM.items() if state in states]
    if state == "planned" and planned == 0:
        found = ["issue" if step == "approve" else step for step in found]
    return found


def expect(step: str, state: str, planned: Decimal) -> None:
    """Refuse a step that cannot follow."""
    possible = follows(state, planned)
    if step not in possible:
        listed = ", ".join(_WORDS[one] for one in possible)
        raise StepNotAllowed(f"The round is {state}: one cannot {_WORDS[step]} now.", mend=f"Possible now: {listed}.")


def before(state: str, *, was_funded: bool) -> str:
    """The state one step back; a round in which nothing was planned was stated from its plan."""
    back = {"approved": "planned", "funded": "approved", "spent": "funded"}
    return back.get(state) or ("spent" if was_funded else "planned")


def settled(totals: Sequence[Decimal], paid: Decimal) -> list[bool]:
    """For each statement in order, whether what was paid in all covers it; the oldest is covered first.

    A later month in which money goes back (a negative total) lowers what the earlier ones need.
    """
    sums = list(accumulate(totals))
    needed = list(accumulate(reversed(sums), min))[::-1]
    return [paid >= need for need in needed]
