"""A large file committed while nobody waits for the answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.batches.models import ImportBatch
from vestry.core import outbox
from vestry.core.actor import Actor
from vestry.core.running import Kind, Running
from vestry.identity.access import find, require, theirs
from vestry.imports import service

COMMIT = "import.commit"


def ask_commit(session: Session, actor: Actor, import_id: int) -> outbox.Job:
    """Ask for a file to be recorded; refuses one that was committed, undone or discarded."""
    require(actor, "import.change")
    batch = find(session, actor, ImportBatch, import_id, noun="import", lock=True)
    service.refuse_unless_open(batch)
    job = outbox.ask(
        session,
        COMMIT,
        {"import_id": import_id},
        title=f"Import {batch.filename}",
        key=f"{COMMIT} {import_id}",
    )
    if job.state == outbox.FAILED:
        outbox.try_again(session, job)
    return job


def jobs_of(session: Session, actor: Actor, import_ids: list[int]) -> dict[int, int]:
    """Import → the job that records it, for those that have one."""
    keys = {f"{COMMIT} {import_id}": import_id for import_id in import_ids}
    query = select(outbox.Job.key, outbox.Job.id).where(theirs(actor, outbox.Job), outbox.Job.key.in_(keys))
    return {keys[key]: job_id for key, job_id in session.execute(query) if key}


def _commit(running: Running) -> None:
    result: dict[str, Any] = {"import_id": running.payload["import_id"]}
    with running.finish(result) as session:
        batch = service.commit(session, running.actor, running.payload["import_id"], running.progress)
        result |= {"rows": batch.receipt.get("rows")}


KINDS = (Kind(COMMIT, _commit, operation="import.change"),)
