"""Erasing a person: a pseudonym where they were, and every amount where it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, String, Table, cast, delete, false, func, literal, or_, select, update
from sqlalchemy.orm import Session

from vestry.audit.models import AuditRow
from vestry.core import trail
from vestry.core.actor import Actor
from vestry.core.model import Base
from vestry.core.outbox import ENDED
from vestry.core.trail import Event
from vestry.identity import service as identity
from vestry.identity.models import User
from vestry.people.records import Person, about, find_person

# What only served to let the person in: nothing refers to it.
FORGOTTEN: Final = (
    "totp_factor",
    "recovery_code",
    "passkey",
    "ceremony",
    "sign_in_link",
    "password_reset",
    "external_identity",
)
# Where a user's name stands beside what they did, and the column that holds their id, if there is one.
_SIGNED: Final = {
    "approval_request": (("maker_name", "maker"), ("checker_name", "checker")),
    "monthly_round": (("done_by", "recorded_by"),),
    "monthly_round_history": (("done_by", "recorded_by"),),
    "round_transfer": (("done_by", "recorded_by"),),
    "round_transfer_history": (("done_by", "recorded_by"),),
    "submitted_value": (("decided_by", None),),
    "request_attachment": (("removed_by", None),),
}


def erase(session: Session, actor: Actor, email: str, *, investors: bool = False) -> dict[str, int]:
    """Replace the person's name, address, devices and networks by a pseudonym; returns how many rows of each table.

    The user can sign in no more and keeps its id, so that who made what stays true of the same, now unnamed, person.
    An investor keeps its lines and amounts and loses its address; its name too where ``investors`` says that it is the
    person's own. Companies' figures are asked of the person no more, and mailed links open no form; what they sent
    stays. What the audit trail told before stays in it, because it is chained: ``audit_row`` counts it.
    """
    person = find_person(session, actor, email)
    done: dict[str, int] = {}
    if person.user is not None:
        identity.deactivate_user(session, actor, person.user.id)
        session.flush()
        done |= _forget_signatures(session, actor, person.user)
        done |= _forget_ways_in(session, person.user.id)
    done["company_recipient"] = _ask_no_more(session, actor, person)
    for name, values in _pseudonyms(session, person, investors=investors).items():
        table = Base.metadata.tables[name]
        done[name] = _replace(session, actor, table, about(table, person), values)
    done["job"] = _forget_mails(session, actor, person)
    session.expire_all()
    told = {name: count for name, count in done.items() if count}
    trail.tell(session, Event("change", person.noun, person.id, after=told, note="erased", firm_id=actor.firm_id))
    return told | {"audit_row": _left_in_the_trail(session, actor, person)}


def _pseudonyms(session: Session, person: Person, *, investors: bool) -> dict[str, Mapping[str, Any]]:
    address, name = _address(person), f"Erased person {person.number}"
    unreachable: dict[str, Mapping[str, Any]] = {
        "mail_delivery": {"recipient": address, "detail": None},
        "invitation": {"email": address, "email_key": address, "name": name},
        "form_link": {
            "email": address,
            "email_key": address,
            "spent_at": func.coalesce(Base.metadata.tables["form_link"].c.spent_at, session.info["now"]),
        },
        "data_request": {"submitted_by": address},
        "request_attachment": {"attached_by": address},
    }
    if person.user is not None:
        unreachable["user"] = {"email": address, "email_key": address, "name": name, "password_hash": None}
        unreachable["user_session"] = {"address": "", "device": "", "ended_at": session.info["now"]}
        unreachable["token_family"] = {"name": name, "revoked_at": session.info["now"]}
    if person.investors:
        table = Base.metadata.tables["investor"]
        unreachable["investor"] = {"email": None}
        if investors:
            number_of = cast(table.c.id, String)
            named = {
                "name": literal("Erased investor ") + number_of,
                "name_key": literal("erased investor ") + number_of,
            }
            unreachable["investor"] = {"email": None, **named}
    return unreachable


def _replace(
    session: Session, actor: Actor, table: Table, condition: ColumnElement[bool] | None, values: Mapping[str, Any]
) -> int:
    if condition is None:
        return 0
    # A fact's version is one of its history, and what it says of the books is what it was.
    more = {"version": table.c.version + 1} if "version" in table.c and "recorded_at" not in table.c else {}
    return _run(session, update(table).where(table.c.firm_id == actor.firm_id, condition).values(**values, **more))


def _forget_ways_in(session: Session, user_id: int) -> dict[str, int]:
    done = {}
    for name in FORGOTTEN:
        table = Base.metadata.tables[name]
        done[name] = _run(session, delete(table).where(table.c.user_id == user_id))
    kept = Base.metadata.tables["kept_answer"]
    done["kept_answer"] = _run(session, delete(kept).where(kept.c.principal == f"user:{user_id}"))
    return done


def _ask_no_more(session: Session, actor: Actor, person: Person) -> int:
    """A recipient without an address would be mailed in vain: the row goes."""
    table = Base.metadata.tables["company_recipient"]
    theirs = (table.c.firm_id == actor.firm_id) & (table.c.email_key == person.key)
    return _run(session, delete(table).where(theirs))


def _forget_signatures(session: Session, actor: Actor, user: User) -> dict[str, int]:
    """The names beside what they asked for, did and decided; that it was they stays, by their id.

    Where a row holds no id, the name is taken for theirs unless somebody else of the firm has it too.
    """
    others = select(User.id).where(User.firm_id == actor.firm_id, User.name == user.name, User.id != user.id)
    alone, done = session.scalar(others.limit(1)) is None, {}
    for name, columns in _SIGNED.items():
        table, count = Base.metadata.tables[name], 0
        for named, who in columns:
            if who is None:
                theirs = (table.c[named] == user.name) if alone else false()
            elif isinstance(table.c[who].type, BigInteger):
                theirs = (table.c[who] == user.id) & (table.c[named] == user.name)
            else:
                theirs = table.c[who] == f"user:{user.id}"
            count += _replace(session, actor, table, theirs, {named: f"Erased person u{user.id}"})
        done[name] = count
    return done


def _forget_mails(session: Session, actor: Actor, person: Person) -> int:
    """What the jobs of their mails still hold, and what went wrong with them in words."""
    jobs, mails = Base.metadata.tables["job"], Base.metadata.tables["mail_delivery"]
    theirs = select(mails.c.job_id).where(mails.c.recipient == _address(person))
    ended = jobs.c.state.in_(ENDED) & (jobs.c.firm_id == actor.firm_id)
    return _run(session, update(jobs).where(ended, jobs.c.id.in_(theirs)).values(payload=None, error=None))


def _address(person: Person) -> str:
    return f"erased-{person.number}@erased.invalid"


def _left_in_the_trail(session: Session, actor: Actor, person: Person) -> int:
    pattern = "%" + person.email.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    holds: list[ColumnElement[bool]] = [
        column.ilike(pattern, escape="\\") for column in (AuditRow.before, AuditRow.after, AuditRow.note)
    ]
    if person.user is not None:
        holds.append((AuditRow.actor_kind == "user") & (AuditRow.actor_id == person.user.id))
    query = select(func.count()).select_from(AuditRow).where(AuditRow.firm_id == actor.firm_id, or_(*holds))
    return session.scalar(query) or 0


def _run(session: Session, statement: Any) -> int:
    """Past the listeners, which would write down what was there before."""
    result: Any = session.connection().execute(statement)
    return int(result.rowcount)
