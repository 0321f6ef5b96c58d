"""Files beside a company's figures: what they are by their bytes, attached and taken away while the form is filled in,
sent with it, read by whoever reads what the company sent, and removed by the firm where it may not keep them."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, undefer

from vestry.batches import xlsx_files
from vestry.batches.reading import refuse_foreign, safe_name
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Gone, Malformed, NotFound, TooLarge, UnsupportedMedia
from vestry.identity.access import find, require, theirs, visible
from vestry.requests.entering import Entered, to_fill_in
from vestry.requests.models import DRAFT, DataRequest, RequestAttachment

BYTES_MAX: Final = 10 * 1024 * 1024
FORM_BYTES_MAX: Final = BYTES_MAX + 65_536  # the file, its name, the token and what stands between them
COUNT_MAX: Final = 5  # of what one sending brings
NAME_CHARACTERS_MAX: Final = 120
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TAKES: Final = "PDF, XLSX, CSV, PNG, JPEG, GIF or WebP"
_STARTS: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
ENDINGS: Final = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    XLSX: (".xlsx",),
    "text/csv": (".csv", ".txt", ".tsv"),
}
_NOT_IN_NAMES: Final = re.compile(r"[<>:|?*]")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SHOWN: Final = (
    "id", "name", "media_type", "byte_count", "content_sha256", "attached_by", "created_at", "sent_at", "removed_at",
    "removed_by", "removal_reason",
)  # fmt: skip
_TO_COMPANY: Final = ("id", "name", "media_type", "byte_count", "sent_at", "removed_at", "removal_reason")


class AttachmentTooLarge(TooLarge):
    """The file has more bytes than an attachment may have."""


class AttachmentKindRefused(UnsupportedMedia):
    """The bytes are none of the kinds that may be attached, whatever the file's name says."""


class AttachmentEmpty(Malformed):
    """The file has no bytes."""


class TooManyAttachments(Conflict):
    """As many files are attached as one sending may bring."""


class AttachmentSent(Conflict):
    """The firm has the file: it can be taken away no more."""


class AttachmentRemoved(Gone):
    """The firm removed the file after it was sent: its bytes are there no more."""


class AttachmentRemovedBefore(Conflict):
    """The firm removed this very file: it can neither be removed nor attached again."""


def media_type_of(data: bytes) -> str:
    """What the bytes are, of what may be attached; refuses the rest, workbooks with macros among them."""
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data.startswith(b"PK"):
        return _package(data)
    refuse_foreign(data, TAKES)
    return _text(data)


def _package(data: bytes) -> str:
    xlsx_files.unpacked_bytes(data)  # refuses what is no package, and what unpacks to more than is opened safely
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = {name.lower() for name in package.namelist()}
    if not {"[content_types].xml", "xl/workbook.xml"} <= names:
        raise AttachmentKindRefused(f"The file is a package, but no XLSX workbook. It may be {TAKES}.", field="file")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise AttachmentKindRefused(
            "The workbook has macros.", field="file", mend="Save it as XLSX, without macros, and attach that."
        )
    return XLSX


def _text(data: bytes) -> str:
    text = _decoded(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if _CONTROLS.search(text) or not any(sign in first for sign in ",;\t|"):
        raise AttachmentKindRefused(f"The file is none of {TAKES}.", field="file", mend="Attach it as PDF.")
    return "text/csv"


def _decoded(data: bytes) -> str:
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AttachmentKindRefused(f"The file is none of {TAKES}.", field="file", mend="Attach it as PDF.")


def name_of(given: str | None, media_type: str) -> str:
    """The file's name without what a file system or a header would trip over, ending as its bytes are."""
    name = _NOT_IN_NAMES.sub("_", safe_name(given))
    endings = ENDINGS[media_type]
    ending = next((one for one in endings if name.lower().endswith(one)), None)
    stem = name[: -len(ending)] if ending else name
    return (stem[:NAME_CHARACTERS_MAX].rstrip(" .") or "file") + (ending or endings[0])


def attach(session: Session, entered: Entered, filename: str | None, data: bytes) -> DataRequest:
    """Keep a file beside what is being filled in; the same bytes again are the same file.

    Raises AttachmentEmpty, AttachmentTooLarge, UnsupportedMedia, TooManyAttachments, and what a link can raise.
    """
    if not data:
        raise AttachmentEmpty("The file is empty.", field="file", mend="Attach one with something in it.")
    refuse_size(len(data))
    media_type = media_type_of(data)
    link, request = to_fill_in(session, entered)
    digest = hashlib.sha256(data).hexdigest()
    there = visible(entered.actor, RequestAttachment).where(RequestAttachment.data_request_id == request.id)
    same = session.scalars(there.where(RequestAttachment.content_sha256 == digest)).one_or_none()
    if same is not None:
        _refuse_removed(same)
        return request
    count = session.scalar(
        select(func.count()).select_from(there.where(RequestAttachment.sent_at.is_(None)).subquery())
    )
    if (count or 0) >= COUNT_MAX:
        raise TooManyAttachments(
            f"{COUNT_MAX} files are attached, and one sending brings at most {COUNT_MAX}.",
            field="file",
            mend="Remove one first, or put several into one file.",
        )
    session.add(
        RequestAttachment(
            firm_id=request.firm_id,
            company_id=request.company_id,
            data_request_id=request.id,
            name=name_of(filename, media_type),
            media_type=media_type,
            byte_count=len(data),
            content_sha256=digest,
            attached_by=link.email or None,
            content=data,
        )
    )
    request.saved_at = session.info["now"]
    if request.state == "asked":
        request.state = DRAFT
    session.flush()
    return request


def refuse_size(byte_count: int) -> None:
    """Refuse what is larger than one attachment may be."""
    if byte_count > BYTES_MAX:
        raise AttachmentTooLarge(
            f"The file has {byte_count:,} bytes; an attachment may have {BYTES_MAX:,} (10 MB).",
            field="file",
            mend="Make it smaller, or attach it in parts.",
        )


def remove(session: Session, entered: Entered, attachment_id: int) -> DataRequest:
    """Take a file away that was not sent yet."""
    _, request = to_fill_in(session, entered)
    query = visible(entered.actor, RequestAttachment).where(
        RequestAttachment.data_request_id == request.id, RequestAttachment.id == attachment_id
    )
    # The trail tells what was deleted, the digest of its bytes too.
    found = session.scalars(query.options(undefer(RequestAttachment.content))).one_or_none()
    if found is None:
        raise NotFound("attachment")
    if found.sent_at is not None:
        raise AttachmentSent(
            f"{found.name} was sent on {found.sent_at:%Y-%m-%d}.", mend="Attach what replaces it, and say so in a note."
        )
    session.delete(found)
    request.saved_at = session.info["now"]
    session.flush()
    return request


def _refuse_removed(row: RequestAttachment) -> None:
    if row.removed_at is not None:
        raise AttachmentRemovedBefore(
            f"The firm removed {row.name} on {row.removed_at:%Y-%m-%d}: {row.removal_reason}",
            mend="Attach another file, if one is needed.",
        )


def remove_sent(session: Session, actor: Actor, attachment_id: int, *, reason: str) -> dict[str, Any]:
    """Erase the bytes of a file that the firm was sent; what it was, who removed it and why stay beside the request.

    Raises AttachmentRemovedBefore, and NotFound for one that was not sent.
    """
    require(actor, "request_attachment.remove")
    found = find(session, actor, RequestAttachment, attachment_id, noun="attachment", lock=True)
    if found.sent_at is None:
        raise NotFound("attachment")
    # The trail tells what was erased, the digest of its bytes too.
    session.refresh(found, ["content", "removed_at", "removal_reason"])
    _refuse_removed(found)
    found.content, found.removal_reason = None, reason
    found.removed_at, found.removed_by = session.info["now"], actor.name or actor.role
    session.flush()
    return {name: getattr(found, name) for name in _SHOWN}


def send(session: Session, actor: Actor, request: DataRequest) -> list[str]:
    """What is attached is sent with the form; returns the digests of all that is new."""
    unsent = visible(actor, RequestAttachment).where(
        RequestAttachment.data_request_id == request.id, RequestAttachment.sent_at.is_(None)
    )
    found = session.scalars(unsent.order_by(RequestAttachment.id)).all()
    for one in found:
        one.sent_at = session.info["now"]
    session.flush()
    return [one.content_sha256 for one in found]


def drop_unsent(session: Session, request: DataRequest) -> None:
    """Nobody will send them any more."""
    session.execute(
        delete(RequestAttachment).where(
            RequestAttachment.data_request_id == request.id, RequestAttachment.sent_at.is_(None)
        )
    )


def listed(session: Session, actor: Actor, data_request_id: int, *, sent: bool = False) -> list[dict[str, Any]]:
    """A request's files without their bytes, in the order they were attached; ``sent``: those alone."""
    query = select(*(getattr(RequestAttachment, name) for name in _SHOWN)).where(
        theirs(actor, RequestAttachment), RequestAttachment.data_request_id == data_request_id
    )
    if sent:
        query = query.where(RequestAttachment.sent_at.is_not(None))
    return [dict(row) for row in session.execute(query.order_by(RequestAttachment.id)).mappings()]


def download(session: Session, actor: Actor, attachment_id: int) -> dict[str, Any]:
    """Name, media type and bytes of a file that was sent; raises AttachmentRemoved where the firm removed it."""
    names = ("name", "media_type", "removed_at", "removal_reason", "content")
    query = select(*(getattr(RequestAttachment, name) for name in names)).where(
        theirs(actor, RequestAttachment),
        RequestAttachment.id == attachment_id,
        RequestAttachment.sent_at.is_not(None),
    )
    row = session.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("attachment")
    if row["removed_at"] is not None:
        raise AttachmentRemoved(
            f"{row['name']} was removed on {row['removed_at']:%Y-%m-%d}: {row['removal_reason']}",
            mend="Ask the company for it, if it is still needed.",
        )
    return {name: row[name] for name in ("name", "media_type", "content")}


def shown_to_company(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the form and the receipt show of each."""
    return [{name: row[name] for name in _TO_COMPANY} for row in rows]
