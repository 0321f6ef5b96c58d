"""The trail over HTTP."""

from __future__ import annotations

import csv
import io
from typing import Annotated

from fastapi import Depends, Query, Response

from vestry.audit import queries, schemas
from vestry.audit.queries import Filters
from vestry.audit.values import content
from vestry.core.cells import quoted
from vestry.core.errors import TooLarge
from vestry.core.fields import Day, Id
from vestry.core.http import Csv, Json
from vestry.core.http import router as make_router
from vestry.core.paging import Page, page
from vestry.identity.door import Work, may

router = make_router("audit")
Read = Annotated[Work, may("audit.read")]
ROWS_MAX = 100_000
COLUMNS = (
    "sequence", "happened_at", "action", "operation", "door", "address", "request_id", "actor_kind", "actor_id",
    "actor_name", "actor_role", "on_behalf_of", "record", "noun", "before", "after", "rows", "note",
)  # fmt: skip


def filters(
    record: Annotated[str | None, Query(max_length=90, description="noun:id such as fund:12, or a noun")] = None,
    person: Annotated[Id | None, Query(description="a user's id")] = None,
    operation: Annotated[str | None, Query(max_length=80, description="such as update_fund")] = None,
    action: Annotated[schemas.ActionName | None, Query()] = None,
    since: Annotated[Day | None, Query(description="from this day on (UTC)")] = None,
    until: Annotated[Day | None, Query(description="up to this day (UTC)")] = None,
) -> Filters:
    """What part of the trail is asked for."""
    return Filters(record, person, operation, action, since, until)


Asked = Annotated[Filters, Depends(filters)]


@router.get("/audit", operation_id="list_audit", response_model=schemas.AuditPage)
def list_audit(work: Read, page: Annotated[Page, Depends(page)], asked: Asked) -> Json:
    """What happened, the newest first: all of it for administrators and auditors of the whole firm, for others what
    concerns records they may see and what they did themselves."""
    return Json(queries.list_rows(work.session, work.actor, page, asked))


@router.get("/audit.csv", operation_id="export_audit", response_class=Csv)
def export_audit(work: Read, asked: Asked) -> Response:
    """The same as a CSV file, the oldest first; up to 100,000 rows."""
    rows = queries.first_rows(work.session, work.actor, asked, ROWS_MAX + 1)
    if len(rows) > ROWS_MAX:
        raise TooLarge(f"The trail has more than {ROWS_MAX:,} such rows.", mend="Ask for a shorter time.")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        texts = row | {"happened_at": row["happened_at"].isoformat()}
        texts |= {name: content(row[name]) for name in ("before", "after")}
        writer.writerow(["" if texts[name] is None else quoted(str(texts[name])) for name in COLUMNS])
    return Csv(text.getvalue(), headers={"Content-Disposition": 'attachment; filename="audit.csv"'})
