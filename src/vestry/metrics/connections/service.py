"""Every change to connections, and what becomes of the lines that were fetched."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from vestry.batches.reading import safe_name
from vestry.batches.tables import Style
from vestry.companies.models import Company
from vestry.core import clock, outbox, secretbox
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Fault, Invalid
from vestry.core.fields import name_key
from vestry.core.versions import expect_version
from vestry.identity.access import find, require, visible
from vestry.integrations import outbound
from vestry.integrations.figures import Asked, Line, Source
from vestry.metrics.connections.models import MetricConnection
from vestry.metrics.connections.queries import find_connection
from vestry.metrics.imports import service as imports
from vestry.metrics.imports.checking import Checked, Figure, Options, look_at

FETCH: Final = "figures.fetch"
MONTHS_MAX: Final = 60  # asked for at once
MONTHS_USUAL: Final = 3
SHOWN_MAX: Final = 200  # labels and errors that are kept to be read
FIELDS: Final = ("name", "provider", "address", "account", "nightly")
_HEADINGS: Final = ("metric", "period", "value", "currency", "unit")


class ConnectionNameTaken(Conflict):
    """The company has a live connection of that name."""


class WrongAddress(Invalid):
    """That is not the address of a source."""


class KeyNeeded(Invalid):
    """The kept key was given for another origin, and does not go to this one."""


class WrongMonths(Invalid):
    """The months asked for are none that a source has, or too many."""


def create(
    session: Session, actor: Actor, company_id: int, *, key: str | None = None, **fields: Any
) -> MetricConnection:
    """A source of a company's figures; nothing is asked of it yet."""
    require(actor, "metric_connection.change")
    find(session, actor, Company, company_id, noun="company", lock=True)
    connection = MetricConnection(firm_id=actor.firm_id, company_id=company_id)
    _set(session, actor, connection, fields)
    session.add(connection)
    session.flush()
    _seal(connection, key)
    session.flush()
    return connection


def change(
    session: Session,
    actor: Actor,
    company_id: int,
    connection_id: int,
    *,
    version: int | None = None,
    key: str | None = None,
    **fields: Any,
) -> MetricConnection:
    """Change a connection; without a key the kept one stays, as long as it goes where it was meant to go."""
    require(actor, "metric_connection.change")
    connection = find_connection(session, actor, company_id, connection_id, lock=True)
    expect_version(connection, version)
    meant = (connection.provider, _origin(connection.address))
    if (
        connection.secret_sealed is not None
        and key is None
        and meant != (fields["provider"], _origin(fields["address"]))
    ):
        raise KeyNeeded(
            "The address is of another origin, to which the kept key does not go.",
            field="key",
            mend="Give the key of this address; it may be the same one.",
        )
    _set(session, actor, connection, fields)
    if key is not None:
        _seal(connection, key)
    session.flush()
    return connection


def archive(session: Session, actor: Actor, company_id: int, connection_id: int) -> None:
    """Fetch by this connection no more, and forget its key; what it brought stays."""
    require(actor, "metric_connection.change")
    connection = find_connection(session, actor, company_id, connection_id, lock=True)
    connection.archived_at, connection.secret_sealed = session.info["now"], None
    session.flush()


def _set(session: Session, actor: Actor, connection: MetricConnection, fields: dict[str, Any]) -> None:
    _refuse_address(fields["address"])
    key = name_key(fields["name"])
    same = visible(actor, MetricConnection).where(
        MetricConnection.company_id == connection.company_id, MetricConnection.name_key == key
    )
    with session.no_autoflush:
        taken = session.scalars(same.with_only_columns(MetricConnection.id)).one_or_none()
    if taken not in (None, connection.id):
        raise ConnectionNameTaken(
            f"The company has a connection called {fields['name']}.", field="name", mend="Choose another name."
        )
    for name in FIELDS:
        setattr(connection, name, fields[name])
    connection.name_key = key
    connection.user_id, connection.token_id = actor.user_id, actor.token_id


def _refuse_address(address: str) -> None:
    try:
        outbound.check_address(address)
    except outbound.OutboundRefused as error:
        raise WrongAddress(error.message, field="address", mend=error.mend) from None
    if "?" in address:
        raise WrongAddress(
            "The address of a source has no query: what is typed there would be shown to whoever sees the connection.",
            field="address",
            mend="Put a key into key, and what names the books into account.",
        )


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return (parts.scheme, parts.hostname, parts.port)


def _seal(connection: MetricConnection, key: str | None) -> None:
    connection.secret_sealed = None if key is None else secretbox.seal(key, _place(connection))


def _place(connection: MetricConnection) -> str:
    return secretbox.place(MetricConnection, "secret_sealed", connection.id)


def source_of(connection: MetricConnection) -> Source:
    """How its source is reached, with the key."""
    sealed = connection.secret_sealed
    key = None if sealed is None else secretbox.unseal(sealed, _place(connection))
    return Source(connection.provider, connection.address, key, connection.account)


# Fetching


def ask(
    session: Session,
    actor: Actor,
    company_id: int,
    connection_id: int,
    *,
    first_month: str | None = None,
    last_month: str | None = None,
) -> outbox.Job:
    """Ask for the job that fetches; without months the last three that are over."""
    require(actor, "metric.change")
    connection = find_connection(session, actor, company_id, connection_id, lock=True)
    return ask_for(session, connection, months(clock.today(session), first_month, last_month))


def ask_for(session: Session, connection: MetricConnection, asked: Asked, asker: Actor | None = None) -> outbox.Job:
    """The same for a connection that was found, on behalf of somebody else where that is said."""
    payload = {
        "company_id": connection.company_id,
        "connection_id": connection.id,
        "first_month": asked.first,
        "last_month": asked.last,
        "asked_at": session.info["now"].isoformat(),
    }
    job = outbox.ask(session, FETCH, payload, title=f"Figures of {connection.name}", asker=asker)
    tell(session, payload, {"job_id": job.id, "state": "waiting"}, anew=True)
    return job


def months(today: date, first: str | None = None, last: str | None = None) -> Asked:
    """The months to ask for: by default the last three that are over."""
    now = today.year * 12 + today.month - 1
    end = now - 1 if last is None else _number(last)
    start = end - MONTHS_USUAL + 1 if first is None else _number(first)
    if end > now:
        raise WrongMonths(f"{last} has not begun.", field="last_month", mend="Ask for months that have begun.")
    if not start <= end < start + MONTHS_MAX:
        raise WrongMonths(
            f"{_text(start)} to {_text(end)} are not 1 to {MONTHS_MAX} months.",
            field="first_month",
            mend="Begin with a month before the last one, and ask for older ones by themselves.",
        )
    return Asked(_text(start), _text(end))


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _text(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def keep_lines(
    session: Session, actor: Actor, company_id: int, connection_id: int, asked: Asked, lines: Sequence[Line]
) -> dict[str, Any]:
    """Put fetched lines through what a file goes through, and tell what became of them (``outcome``).

    ``recorded``; ``unchanged``: nothing is new; ``empty``: no line, or none that is not left out; ``unmapped``: labels
    that nobody knows, and ``refused``: figures that cannot be, of which both nothing is recorded.
    """
    require(actor, "metric.change")
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    connection = find_connection(session, actor, company_id, connection_id, lock=True)
    told: dict[str, Any] = {"lines": len(lines), "outcome": "empty"}
    if not lines:
        return told
    name = safe_name(f"{connection.name} {asked.first} to {asked.last}.csv")
    content = imports.Content(name, file_of(lines))
    checked = look_at(session, actor, company, content.body, name, Options(Style(delimiter=",")), {})
    if checked.faults:
        return told | _refused(checked, lines)
    corrected = _corrected(session, actor, connection.id, checked)
    fresh = [one for one in checked.to_record() if one not in corrected]
    told |= {
        "outcome": "unchanged" if checked.figures else "empty",
        "unchanged": checked.count("same"),
        "corrected": len(corrected),
        "left_out": len({one.line for one in checked.layout.entries if checked.mapping[one.line].metric is None}),
        "notes": checked.notes,
    }
    if fresh:
        made = imports.keep(session, actor, company, checked, fresh, content, connection_id=connection.id)
        told |= {"outcome": "recorded", "import_id": made.id, "findings": len(checked.findings), **made.receipt}
    return told


def file_of(lines: Sequence[Line]) -> bytes:
    """Lines as a file of figures, one a row. Its unit says that amounts are in full, whatever a label seems to say."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADINGS)
    for one in lines:
        writer.writerow((one.label, one.period, f"{one.value:f}", one.currency or "", "units"))
    return text.getvalue().encode()


def _corrected(session: Session, actor: Actor, connection_id: int, checked: Checked) -> list[Figure]:
    """Figures that somebody corrected since the source said them, and of which it says the same as then: what it
    repeats every night is no news."""
    changed = {one.before.id: one for one in checked.figures if one.state == "changed" and one.before is not None}
    said = imports.last_brought(session, actor, connection_id, sorted(changed))
    return [one for at, one in changed.items() if said.get(at) == (one.given.value, one.given.currency)]


def _refused(checked: Checked, lines: Sequence[Line]) -> dict[str, Any]:
    unknown = sorted({one.label for one in checked.mapping.values() if not one.decided})
    return {
        "outcome": "unmapped" if unknown else "refused",
        "labels": unknown[:SHOWN_MAX],
        "label_count": len(unknown),
        "errors": [_error(one, lines) for one in checked.faults[:SHOWN_MAX]],
        "error_count": len(checked.faults),
    }


def _error(fault: Fault, lines: Sequence[Line]) -> dict[str, Any]:
    """What is wrong with a line: its cell in our file would say nothing to anybody."""
    at = None if fault.row is None else fault.row - 2  # rows count from 1, and the first one holds the headings
    line = lines[at] if at is not None and 0 <= at < len(lines) else None
    about: dict[str, str | None] = {"label": None, "period": None, "value": None}
    if line is not None:
        about = {"label": line.label, "period": line.period, "value": f"{line.value:f}"}
    return {**about, "code": fault.code, "reason": fault.message}


def tell(session: Session, payload: Any, told: dict[str, Any], *, anew: bool = False) -> None:
    """Keep with the connection how its latest fetch goes; one that was asked for earlier says nothing any more."""
    now = session.scalar(select(MetricConnection.last_fetch).where(MetricConnection.id == payload["connection_id"]))
    asked = {name: payload[name] for name in ("first_month", "last_month", "asked_at")}
    if not anew and (now is None or now["asked_at"] != payload["asked_at"]):
        return
    before = {} if anew or now is None else {"job_id": now["job_id"]}
    session.execute(
        update(MetricConnection)
        .where(MetricConnection.id == payload["connection_id"])
        .values(last_fetch=before | asked | told),
        execution_options={"synchronize_session": False},
    )
