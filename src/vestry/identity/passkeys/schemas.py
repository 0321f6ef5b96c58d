"""Forms and answers about passkeys."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from vestry.core.fields import Input, Name, Output, example

Credential = Annotated[str, Field(min_length=2, max_length=20_000)]


class Options(Output):
    """What the browser is asked with: for ``PublicKeyCredential.parseCreationOptionsFromJSON`` or ``parseRequest…``."""

    options: dict[str, Any]


class NewPasskey(Input):
    """What to call the device's passkey, and what ``JSON.stringify(credential)`` gave."""

    model_config = example({"name": "laptop", "credential": '{"id": "…", "response": {}}'})

    name: Name
    credential: Credential


class ShownPasskey(Input):
    """What ``JSON.stringify(credential)`` gave."""

    model_config = example({"credential": '{"id": "…", "response": {}}'})

    credential: Credential


class PasskeyName(Input):
    """What to call a passkey."""

    model_config = example({"name": "old laptop"})

    name: Name


class PasskeyOut(Output):
    """A passkey of mine. ``is_synced``: it is kept by a service and on several devices."""

    id: int
    name: str
    is_synced: bool
    created_at: datetime
    used_at: datetime | None
