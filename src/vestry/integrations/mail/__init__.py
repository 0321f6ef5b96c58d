"""Mail: ``mail.send(session, to=…, template=…, values=…)`` asks for a message in the caller's transaction.

The message goes out after the commit, by a job that tries again while the server is away; every message has a row in
the delivery log. A message may arrive twice when a worker dies between the server's yes and our commit: both have the
same Message-ID.
"""

from vestry.integrations.mail.service import send as send

__all__ = ["send"]
