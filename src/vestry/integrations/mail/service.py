"""Asking for a message, and the job that sends it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from vestry.core import clock, outbox, secretbox
from vestry.core.running import Kind, Running
from vestry.core.settings import Settings, settings
from vestry.integrations.mail import smtp, templates
from vestry.integrations.mail.models import FAILED, QUEUED, SENT, MailDelivery

SEND = "mail.send"


def send(
    session: Session, *, to: str, template: str, values: Mapping[str, str], firm_id: int | None = None
) -> MailDelivery:
    """Ask for a message to one address, in the caller's transaction; returns its row of the delivery log.

    ``firm_id``: whose mail it is, where the session's actor is nobody yet (a forgotten password). What ``values`` hold
    is kept sealed until the message is sent, and in no log. Raises :class:`WrongAddress`, :class:`UnknownTemplate`,
    :class:`WrongValues`.
    """
    recipient = smtp.address(to).addr_spec
    templates.check(template, values)
    firm = firm_id or session.info["actor"].firm_id
    delivery = MailDelivery(
        firm_id=firm,
        template=template,
        recipient=recipient,
        message_id=f"<{secrets.token_hex(16)}@{smtp.sender(settings().mail_from).domain}>",
        state=QUEUED,
        attempts=0,
        created_at=session.info["now"],
    )
    session.add(delivery)
    session.flush()
    payload = {"delivery_id": delivery.id, "sealed": secretbox.seal(json.dumps(dict(values)), _place(delivery)).hex()}
    job = outbox.ask(session, SEND, payload, title=f"Mail {template}", firm_id=firm)
    delivery.job_id = job.id
    session.flush()
    return delivery


def _send(running: Running) -> None:
    chosen = settings()
    with running.reading() as session:
        delivery = session.get_one(MailDelivery, running.payload["delivery_id"])
        if delivery.state == SENT:
            return
    values = json.loads(secretbox.unseal(bytes.fromhex(running.payload["sealed"]), _place(delivery)))
    made = smtp.message(
        templates.write(delivery.template, values),
        to=delivery.recipient,
        mail_from=chosen.mail_from,
        message_id=delivery.message_id,
        at=delivery.created_at,
    )
    detail = _hand_over(made, chosen, f"{delivery.created_at:%Y%m%dT%H%M%S}-{delivery.id}")
    with running.finish() as session:
        session.execute(_of(delivery.id).values(state=SENT, detail=detail, sent_at=clock.now(), **_ONE_MORE))


def _place(delivery: MailDelivery) -> str:
    return f"job.payload:mail:{delivery.message_id}"


def _hand_over(made: Any, chosen: Settings, name: str) -> str:
    if chosen.smtp_url:
        return smtp.deliver(made, chosen.smtp_url.get_secret_value())
    if chosen.environment == "production":
        raise smtp.WrongMailServer("No mail server is set.", mend="Set VESTRY_SMTP_URL, then retry the job.")
    return smtp.keep(made, chosen.home / "mail", name)


def _failed(session: Session, payload: Mapping[str, Any], reason: str, final: bool) -> None:
    state = FAILED if final else QUEUED
    session.execute(_of(payload["delivery_id"]).values(state=state, detail=reason, **_ONE_MORE))


_ONE_MORE: Final[dict[str, Any]] = {"attempts": MailDelivery.attempts + 1}


def _of(delivery_id: int) -> Any:
    return update(MailDelivery).where(MailDelivery.id == delivery_id)


KINDS = (Kind(SEND, _send, failed=_failed),)
