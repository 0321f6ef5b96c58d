"""Four eyes: a change of certain kinds waits for somebody else, where the firm wants it so.

A service function marked :func:`waits_for_approval` does all of its work, so that what could not be done is refused at
once. Then, where the firm's rule asks for it, it raises :class:`AwaitsApproval`: everything is rolled back, and what
was asked for is written down instead, by ``approvals``. Approving runs the same function again with the same values,
so what waits is in no figure, and what was approved is exactly what was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, Literal, TypeVar, cast

from sqlalchemy.orm import Session

from vestry.core import tagged, trail
from vestry.core.actor import Actor
from vestry.core.errors import VestryError

RuleKind = Literal["capital_call", "distribution", "payment", "mark", "grant", "funding"]
KINDS: Final = ("capital_call", "distribution", "payment", "mark", "grant", "funding")
APPROVING: Final = "four_eyes_approving"  # where a session says that what it does was approved
Work = TypeVar("Work", bound=Callable[..., Any])


class AwaitsApproval(VestryError):
    """The change is fine, and waits for somebody else to approve it."""

    def __init__(self, kind: str, operation: str, payload: str) -> None:
        super().__init__("This waits for the approval of somebody else.", mend="See what waits under approvals.")
        self.kind, self.operation, self.payload = kind, operation, payload


EXECUTORS: Final[dict[str, Callable[..., Any]]] = {}
# Set by who keeps the rules: whether a firm wants one of these kinds approved, and what to do with what waits, given
# what it changed before it is undone.
IS_ASKED_FOR: Final[list[Callable[[Session, Actor, tuple[str, ...]], bool]]] = []
ASK: Final[list[Callable[[AwaitsApproval, Session, Actor, list[trail.Event]], None]]] = []


def waits_for_approval(operation: str, *kinds: RuleKind) -> Callable[[Work], Work]:
    """Marks a service function ``(session, actor, …)``; its values must have a form as tagged JSON, callables aside."""

    def mark(work: Work) -> Work:
        @wraps(work)
        def watched(session: Session, actor: Actor, *args: Any, **kwargs: Any) -> Any:
            before = len(trail.told(session))
            done = work(session, actor, *args, **kwargs)
            if not session.info.get(APPROVING) and any(asked(session, actor, kinds) for asked in IS_ASKED_FOR):
                session.flush()
                error = AwaitsApproval(kinds[0], operation, _payload(args, kwargs))
                for ask in ASK:
                    ask(error, session, actor, trail.told(session)[before:])
                raise error
            return done

        EXECUTORS[operation] = watched
        return cast(Work, watched)

    return mark


def run(session: Session, actor: Actor, operation: str, payload: str) -> Any:
    """Do what was approved, within the approver's transaction."""
    kept = tagged.loads(payload)
    session.info[APPROVING] = True
    try:
        return EXECUTORS[operation](session, actor, *kept["args"], **kept["kwargs"])
    finally:
        del session.info[APPROVING]


def _payload(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    plain = [one for one in args if not callable(one)]
    return tagged.dumps({"args": plain, "kwargs": {name: one for name, one in kwargs.items() if not callable(one)}})
