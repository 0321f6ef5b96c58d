"""The one HTTP client for addresses that somebody typed: it cannot be made to call inward.

The name is resolved once, every answer is checked, and the connection goes to a checked address, so that a name
cannot change its meaning in between. No redirects, no proxies from the environment, https only (http to loopback, where
that is allowed), a bounded time and a bounded answer. ``VESTRY_OUTBOUND_NETWORKS`` names inner networks that
may be called.
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import httpcore2
import httpx2

from vestry.core import clock
from vestry.core.errors import Unavailable
from vestry.core.settings import settings

PORTS: Final = (443, 8443)
CONNECT_S, READ_S, TOTAL_S = 5.0, 10.0, 15.0
BYTES_MAX = 1_000_000
RETRY_AFTER_S = 86_400  # whoever asks us to wait longer is asked again after a day
# What carries an IPv4 address within an IPv6 one: whom it reaches depends on somebody else's gateway.
_CARRIERS = tuple(map(ip_network, ("64:ff9b::/32", "2002::/16", "2001::/32", "::/96")))


class OutboundRefused(Unavailable):
    """The address is none that may be called from here, or what answers there is not what was expected.

    ``status``: what was answered instead, None where nothing was; ``retry_after``: how long they ask us to wait."""

    status: int | None = None


class AnswerTooLarge(OutboundRefused):
    """The answer goes on beyond what is taken; asking again gives the same."""


class Answer(NamedTuple):
    """What came back, whatever its status."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def get_json(url: str, *, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON object at an address."""
    return _asked("GET", url, headers=dict(headers or {}))


def post_form(
    url: str, form: Mapping[str, str], *, auth: tuple[str, str] | None = None, accepts: tuple[int, ...] = (200,)
) -> dict[str, Any]:
    """The JSON object that answers a form."""
    return _asked("POST", url, data=dict(form), auth=auth, accepts=accepts)


def get_bytes(
    url: str,
    *,
    accept: str = "*/*",
    bytes_max: int | None = None,
    seconds: float | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """What lies at an address; refused beyond that many bytes or seconds."""
    return _body("GET", url, accept=accept, bytes_max=bytes_max, seconds=seconds, headers=dict(headers or {}))


def answer(method: str, url: str, *, headers: Mapping[str, str], content: bytes = b"") -> Answer:
    """What is answered with any status, redirects too, for a library that understands them itself."""
    return _answered(method, url, headers=dict(headers), content=content)


def _asked(method: str, url: str, **more: Any) -> dict[str, Any]:
    body = _body(method, url, **more)
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise _refused(url, "does not answer JSON") from None
    if not isinstance(found, dict):
        raise _refused(url, "does not answer a JSON object")
    return found


def _body(method: str, url: str, *, accepts: tuple[int, ...] = (200,), **more: Any) -> bytes:
    found = _answered(method, url, **more)
    if found.status not in accepts:
        refused = _refused(url, f"answers {found.status}")
        refused.status = found.status
        refused.retry_after = _seconds_to_wait(httpx2.Headers(found.headers).get("Retry-After", ""))
        raise refused
    return found.body


def _answered(
    method: str,
    url: str,
    *,
    accept: str = "application/json",
    bytes_max: int | None = None,
    seconds: float | None = None,
    **more: Any,
) -> Answer:
    _check(url)
    # Unpacked, an answer could be of any size before it is counted.
    headers = {"Accept": accept, **(more.pop("headers", None) or {}), "Accept-Encoding": "identity"}
    most, within = bytes_max or BYTES_MAX, seconds or TOTAL_S
    until = time.monotonic() + within
    try:
        with _client(within) as client, client.stream(method, url, headers=headers, **more) as reply:
            body = b""
            for chunk in reply.iter_raw():
                body += chunk
                if len(body) > most:
                    raise _refused(url, f"answers more than {most:,} bytes", AnswerTooLarge)
                if time.monotonic() > until:
                    raise _refused(url, f"does not answer within {within:.0f} seconds")
    except (httpx2.HTTPError, httpx2.InvalidURL, httpcore2.ConnectError, OSError) as error:
        raise _refused(url, f"does not answer ({type(error).__name__})") from None
    return Answer(reply.status_code, reply.headers.multi_items(), body)


def _seconds_to_wait(said: str) -> int | None:
    """A Retry-After in seconds, whether it names them or a moment; None where it says neither."""
    if said.isascii() and said.isdigit():
        return min(int(said[:9]), RETRY_AFTER_S)
    try:
        seconds = (parsedate_to_datetime(said) - clock.now()).total_seconds()
    except (TypeError, ValueError):
        return None
    return max(0, min(round(seconds), RETRY_AFTER_S))


def _client(within: float) -> httpx2.Client:
    transport = httpx2.HTTPTransport(verify=_tls(), trust_env=False)
    transport._pool = httpcore2.ConnectionPool(ssl_context=_tls(), network_backend=Guarded())
    timeout = httpx2.Timeout(min(READ_S, within), connect=min(CONNECT_S, within))
    return httpx2.Client(transport=transport, timeout=timeout, trust_env=False, follow_redirects=False)


@lru_cache
def _tls() -> ssl.SSLContext:
    """Whom we trust, read from disk once: that costs more than most answers, and sources answer in pages."""
    return httpx2.create_ssl_context()


class Guarded(httpcore2.SyncBackend):
    """Connects to addresses that were checked."""

    def connect_tcp(self, host: str, port: int, *rest: Any, **more: Any) -> httpcore2.NetworkStream:
        try:
            found = sorted({str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"{host} has no address") from error
        if not found or not all(may_call(address, port) for address in found):
            raise httpcore2.ConnectError(f"{host}:{port} may not be called")
        return super().connect_tcp(found[0], port, *rest, **more)

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        raise httpcore2.ConnectError("no sockets of this machine")


def may_call(text: str, port: int) -> bool:
    """Whether an address and port may be called: public ones at the ports of https, and what the settings name."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address in network for network in settings().inner_networks()):
        return True
    if port not in PORTS or not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return address not in ip_network("192.0.0.0/24")
    return not (address.scope_id or address.is_site_local or any(address in one for one in _CARRIERS))


def check_address(url: str) -> None:
    """Refuse an address that could never be called, before it is kept."""
    _check(url)


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused("", "is not an address") from None
    plain = parts.scheme == "http" and _is_loopback(parts.hostname or "")
    good = (parts.scheme == "https" or plain) and parts.hostname and port != 0
    if not good or parts.username or parts.password or parts.fragment or any(sign <= " " for sign in url):
        raise _refused(url, "is not an https address without user and fragment")


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return False
    return address.is_loopback and any(address in network for network in settings().inner_networks())


def _refused(url: str, what: str, kind: type[OutboundRefused] = OutboundRefused) -> OutboundRefused:
    host = urlsplit(url).hostname or "the address"
    return kind(f"{host[:100]} {what}.", mend="Check the address; inner networks need a setting.")
