"""What a person sees of their sessions."""

from __future__ import annotations

from datetime import datetime

from vestry.core.fields import Output


class SessionOut(Output):
    """A place where one is signed in. ``device`` is what the browser calls itself, ``address`` where it signed in from,
    ``proof`` how: password, link, passkey, the name of the firm's directory, and the second factor after a plus."""

    id: int
    is_this: bool
    device: str
    address: str
    proof: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
