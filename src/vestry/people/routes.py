"""A person's data over HTTP, for administrators."""

from __future__ import annotations

from typing import Annotated

from vestry.core.fields import Id
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.identity.access import find
from vestry.identity.door import Work, may
from vestry.identity.models import User
from vestry.people import records, schemas, service

router = make_router("people")


@router.get("/users/{user_id}/personal-data", operation_id="export_personal_data", response_model=schemas.PersonData)
def export_personal_data(user_id: Id, work: Annotated[Work, may("personal_data.read")]) -> Json:
    """All that is kept about a person, as a file to give them. That it was given out is told in the audit trail."""
    user = find(work.session, work.actor, User, user_id, noun="user")
    found = records.everything_about(work.session, work.actor, user.email)
    answer = Json({"email": found.pop("email"), "data": found})
    answer.headers["Content-Disposition"] = f'attachment; filename="person-{user_id}.json"'
    return answer


@router.post("/users/{user_id}/erase", operation_id="erase_person")
def erase_person(
    user_id: Id, body: schemas.EraseForm, work: Annotated[Work, may("personal_data.change")]
) -> schemas.Erased:
    """Replace the person's name, address, devices and networks by a pseudonym, for good. They can sign in no more; the
    books keep every amount. The audit trail keeps what it told before."""
    user = find(work.session, work.actor, User, user_id, noun="user")
    done = service.erase(work.session, work.actor, user.email, investors=body.investors)
    return schemas.Erased(left_in_trail=done.pop("audit_row"), rows=done)
