"""Fields that only the running system can read: AES-256-GCM with the key's id, bound to the row they belong to.

A sealed value is ``version (1 byte) · length of the key's id · key's id · nonce (12) · ciphertext and tag``. The place
(table, column and the row's key) is authenticated with it, so a value that is copied to another row or column does not
open. Keys lie outside the database: in ``VESTRY_ENCRYPTION_KEYS``, or made from the secret key. To change them, put a
new one first and seal everything again (:func:`rewrap`, ``vestry keys rotate``).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Column, LargeBinary, MetaData, Table, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from vestry.core.errors import Unavailable
from vestry.core.settings import read_keys, settings

VERSION: Final = b"\x01"
KEY_BYTES, NONCE_BYTES = 32, 12
ROWS_AT_ONCE = 500
SEALED: Final = "sealed"  # in a column's ``info``: the column of the row's key


class SealedWithUnknownKey(Unavailable):
    """A field was sealed with a key that this process does not have, or was changed or moved."""


def seal(text: str, place: str) -> bytes:
    """Encrypt a value with the current key for one place."""
    key_id, key = next(iter(_keys().items()))
    nonce = os.urandom(NONCE_BYTES)
    head = VERSION + bytes([len(key_id)]) + key_id.encode()
    return head + nonce + AESGCM(key).encrypt(nonce, text.encode(), head + place.encode())


def unseal(sealed: bytes, place: str) -> str:
    """The value again; refuses one that was altered or belongs to another place."""
    head = sealed[: 2 + sealed[1]]
    key = _keys().get(key_id_of(sealed))
    if key is None:
        raise SealedWithUnknownKey(
            f"A field is sealed with the key {key_id_of(sealed)}, which is not among the keys of this process.",
            mend="Put that key back into VESTRY_ENCRYPTION_KEYS, or the secret key it was made from.",
        )
    nonce, ciphertext = sealed[len(head) :][:NONCE_BYTES], sealed[len(head) + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, head + place.encode()).decode()
    except InvalidTag:
        raise SealedWithUnknownKey(f"The field {place.partition(':')[0]} was changed or moved.") from None


def key_id_of(sealed: bytes) -> str:
    """Which key a value is sealed with."""
    return sealed[2 : 2 + sealed[1]].decode("ascii", "replace")


def sealed_column(row_key: str, **options: Any) -> Mapped[Any]:
    """A column of sealed values, bound to the row by the column ``row_key``, which never changes."""
    return mapped_column(LargeBinary, info={SEALED: row_key}, **options)


def place(model: Any, column: str, row_key: object) -> str:
    """The place of a value: ``table.column:row key``."""
    return f"{model.__tablename__}.{column}:{row_key}"


def new_key() -> str:
    """A fresh key as ``VESTRY_ENCRYPTION_KEYS`` takes it."""
    return f"k{secrets.token_hex(4)}:{secrets.token_urlsafe(KEY_BYTES)}"


def current_key_id() -> str:
    """The key that seals now."""
    return next(iter(_keys()))


def rewrap(session: Session, metadata: MetaData) -> dict[str, int]:
    """Seal every value that is under another key with the current one; returns how many of each column."""
    return {f"{table.name}.{column.name}": _rewrap(session, table, column) for table, column in _columns(metadata)}


def under_other_keys(session: Session, metadata: MetaData) -> int:
    """How many values still need an earlier key."""
    return sum(
        sum(key_id_of(value) != current_key_id() for value in session.scalars(select(column)) if value is not None)
        for _, column in _columns(metadata)
    )


def _columns(metadata: MetaData) -> Iterator[tuple[Table, Column[Any]]]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            if SEALED in column.info:
                yield table, column


def _rewrap(session: Session, table: Table, column: Column[Any]) -> int:
    row_key, done, last = table.c[column.info[SEALED]], 0, 0
    while True:
        query = select(table.c.id, row_key.label("row_key"), column.label("value")).where(
            table.c.id > last, column.is_not(None)
        )
        rows = session.execute(query.order_by(table.c.id).limit(ROWS_AT_ONCE).with_for_update()).all()
        if not rows:
            return done
        for row in rows:
            last = row.id
            if key_id_of(row.value) == current_key_id():
                continue
            where = f"{table.name}.{column.name}:{row.row_key}"
            fresh = seal(unseal(row.value, where), where)
            session.execute(update(table).where(table.c.id == row.id).values({column: fresh}))
            done += 1


def _keys() -> dict[str, bytes]:
    chosen = settings()
    given = chosen.encryption_keys.get_secret_value() if chosen.encryption_keys else ""
    return _read(given, chosen.secret())


@lru_cache(maxsize=8)
def _read(given: str, secret: bytes) -> dict[str, bytes]:
    made = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"vestry sealed fields").derive(secret)
    return read_keys(given) | {f"secret-{hashlib.sha256(made).hexdigest()[:8]}": made}
