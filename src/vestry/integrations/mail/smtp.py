"""One message to one server, by SMTP; or into a file where no server is set."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog

from vestry.core.errors import Invalid
from vestry.core.running import TryAgain
from vestry.integrations.mail.templates import Written

log = structlog.get_logger()

SECONDS_MAX = 30
SCHEMES = {"smtp": 587, "smtps": 465}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
DETAIL_CHARACTERS_MAX = 300


class WrongAddress(Invalid):
    """That is not a mail address."""


class WrongMailServer(Invalid):
    """The mail server's address in the settings cannot be used."""


class MailRefused(Invalid):
    """The mail server refused the message for good."""


def address(text: str) -> Address:
    """A recipient: one address, nothing else; refuses names, lists, line ends and addresses without a host."""
    # What splits a header is refused before the parser may take it for folding.
    odd = any(ord(sign) <= 32 or sign in ',;<>"()[]\\\x7f' for sign in text)
    local, _, host = text.rpartition("@")
    if odd or not local or not host or "@" in local or len(text) > 254 or host.startswith(".") or ".." in text:
        raise WrongAddress(f"{text[:100]!r} is not a mail address.", field="to")
    try:
        domain = host if host.isascii() else host.encode("idna").decode()
        return Address(username=local, domain=domain)
    except (HeaderParseError, ValueError, UnicodeError, IndexError):
        raise WrongAddress(f"{text[:100]!r} is not a mail address.", field="to") from None


def sender(text: str) -> Address:
    """The sender of the settings: ``Name <address>`` or an address."""
    name, plain = parseaddr(text)
    try:
        found = address(plain)
    except WrongAddress:
        raise WrongMailServer(f"VESTRY_MAIL_FROM is not an address: {text[:100]!r}.") from None
    return Address(display_name=name, username=found.username, domain=found.domain)


def message(written: Written, *, to: str, mail_from: str, message_id: str, at: datetime) -> EmailMessage:
    """The message as it goes over the wire; the standard library refuses line ends in a header."""
    made = EmailMessage(policy=SMTP)
    made["From"] = sender(mail_from)
    made["To"] = address(to)
    made["Subject"] = written.subject
    made["Message-ID"] = message_id
    made["Date"] = format_datetime(at)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(written.text, cte="quoted-printable")
    made.add_alternative(written.html, subtype="html", cte="quoted-printable")
    return made


def deliver(made: EmailMessage, url: str) -> str:
    """Hand the message to the server; returns its answer. Raises :class:`TryAgain` for what may pass, and
    :class:`MailRefused` for what will not."""
    try:
        with _connected(url) as server:
            server.send_message(made)
            return "accepted"
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal(*next(iter(error.recipients.values()))) from None
    except smtplib.SMTPNotSupportedError as error:
        raise MailRefused(f"The mail server cannot take this: {error}"[:DETAIL_CHARACTERS_MAX]) from None
    except (OSError, smtplib.SMTPException) as error:
        raise TryAgain(f"The mail server does not answer: {type(error).__name__}.") from None


def keep(made: EmailMessage, folder: Path, name: str) -> str:
    """Write the message into a folder, readable by its owner only: where no server is set."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}.eml"
    path.touch(mode=0o600)
    path.write_bytes(made.as_bytes())
    log.info("mail.written", path=str(path))
    return str(path)


@contextmanager
def _connected(url: str) -> Iterator[smtplib.SMTP]:
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise WrongMailServer("VESTRY_SMTP_URL is not smtp://host:port or smtps://host:port.")
    port = parts.port or SCHEMES[parts.scheme]
    safe = ssl.create_default_context()
    opened: smtplib.SMTP = (
        smtplib.SMTP_SSL(parts.hostname, port, timeout=SECONDS_MAX, context=safe, local_hostname=_own_name())
        if parts.scheme == "smtps"
        else smtplib.SMTP(parts.hostname, port, timeout=SECONDS_MAX, local_hostname=_own_name())
    )
    with opened as server:
        server.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=safe)
        elif parts.scheme == "smtp" and parts.username and parts.hostname not in LOOPBACK:
            raise WrongMailServer("The mail server offers no TLS, so its password is not sent.")
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server


def _own_name() -> str:
    # getfqdn asks the network, and may wait long for an answer.
    name = socket.gethostname()
    return name if name.isascii() and name else "localhost"


def _refusal(code: int, answer: bytes | str) -> Exception:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    told = f"The mail server answered {code}: {' '.join(text.split())}"[:DETAIL_CHARACTERS_MAX]
    return TryAgain(told) if 400 <= code < 500 or code == -1 else MailRefused(told)
