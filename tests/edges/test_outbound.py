"""Addresses somebody typed never lead inward: however loopback and its like are spelt, redirected to or resolved."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from vestry.core.settings import Settings
from vestry.integrations import outbound
from vestry.integrations.outbound import OutboundRefused, get_json, may_call

INWARD = """
127.0.0.1 127.1 127.0.1 2130706433 0x7f.1 0x7f000001 0177.0.0.1 017700000001 0 0.0.0.0 localhost LOCALHOST
localhost. ①27.0.0.1 127。0。0。1 127.127.127.127 [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1]
[::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::] [fe80::1] [fe80::1%25lo]
[fec0::1] [fc00::1] 10.0.0.1 172.16.0.1 192.168.0.1 100.64.0.1 169.254.169.254 [::ffff:169.254.169.254]
192.0.0.1 [64:ff9b::a9fe:a9fe] [2002:a9fe:a9fe::] 224.0.0.1 255.255.255.255 240.0.0.1 198.18.0.1 [ff02::1]
""".split()  # noqa: SIM905


class Canary:
    """A server on loopback that counts who comes, and answers what it is told to."""

    def __init__(self) -> None:
        self.hits: list[bytes] = []
        self.answer: Callable[[socket.socket], None] = lambda connection: connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        )
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    self.hits.append(connection.recv(65_536))
                    self.answer(connection)
                except OSError:
                    pass


@pytest.fixture
def canary() -> Iterator[Canary]:
    made = Canary()
    yield made
    made.socket.close()


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback may be called, as a firm's inner directory may be."""
    chosen = Settings(environment="test", outbound_networks="127.0.0.0/8")
    monkeypatch.setattr(outbound, "settings", lambda: chosen)


def test_no_spelling_of_an_inner_address_is_reached(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(INWARD) >= 40
    monkeypatch.setattr(outbound, "PORTS", (443, 8443, canary.port))  # the port is not what keeps us out
    for host in INWARD:
        for scheme in ("https", "http"):
            with pytest.raises(OutboundRefused):
                get_json(f"{scheme}://{host}:{canary.port}/")
    assert canary.hits == []


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "gopher://127.0.0.1/", "ftp://example.com/", "//example.com/", "example.com", ""),
        *("http://example.com/", "https://user@example.com/", "https://u:p@example.com/", "https://example.com:0/"),
        *("https://example.com:22/", "https://example.com:99999/", "https:///path", "https://example.com/#part"),
        *("https://exa mple.com/", "https://example.com/\r\nHost: x", "https://[::1", "unix:///run/docker.sock"),
    ],
)
def test_what_is_no_plain_https_address_is_refused_unasked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def connects(*_: Any, **__: Any) -> Any:
        raise AssertionError("connected")

    monkeypatch.setattr(socket, "create_connection", connects)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("93.184.216.34", 443))])
    with pytest.raises(OutboundRefused):
        get_json(url)


@pytest.mark.parametrize(
    ("address", "port", "may"),
    [
        ("93.184.216.34", 443, True),
        ("2606:4700::1111", 443, True),
        ("93.184.216.34", 22, False),
        ("::ffff:93.184.216.34", 443, True),
        ("2002:5db8:d822::", 443, False),
        ("64:ff9b::5db8:d822", 443, False),
        ("not an address", 443, False),
    ],
)
def test_public_addresses_may_be_called_at_the_ports_of_https(address: str, port: int, may: bool) -> None:
    assert may_call(address, port) is may


def test_one_inner_answer_among_public_ones_is_enough_to_refuse(
    canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "PORTS", (canary.port,))
    both = [(2, 1, 6, "", (address, canary.port)) for address in ("93.184.216.34", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(OutboundRefused):
        get_json(f"https://rebinding.example:{canary.port}/")
    assert canary.hits == []


def test_a_name_that_changes_its_meaning_is_resolved_once(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "PORTS", (canary.port,))
    asked, connected = [], []

    def resolve(host: str, *_: Any, **__: Any) -> Any:
        asked.append(host)
        return [(2, 1, 6, "", ("93.184.216.34" if len(asked) == 1 else "127.0.0.1", canary.port))]

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> Any:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OutboundRefused):
        get_json(f"https://rebinding.example:{canary.port}/")
    assert (len(asked), connected) == (1, [("93.184.216.34", canary.port)])  # the address itself: no second lookup
    assert canary.hits == []


def test_a_redirect_is_not_followed(canary: Canary, allowed: None) -> None:
    inner = Canary()
    words = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{inner.port}/\r\nContent-Length: 0\r\n\r\n"
    canary.answer = lambda connection: connection.sendall(words.encode())
    with pytest.raises(OutboundRefused, match="302"):
        get_json(f"http://127.0.0.1:{canary.port}/")
    assert (len(canary.hits), inner.hits) == (1, [])
    inner.socket.close()


def test_proxies_of_the_environment_are_not_used(
    canary: Canary, allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Canary()
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    assert get_json(f"http://127.0.0.1:{canary.port}/") == {}
    assert (len(canary.hits), proxy.hits) == (1, [])
    proxy.socket.close()


def test_an_answer_is_bounded_in_bytes_and_in_time(
    canary: Canary, allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n"

    def endless(connection: socket.socket) -> None:
        connection.sendall(start + b" " * 5_000_000)

    def dripping(connection: socket.socket) -> None:
        connection.sendall(start)
        for _ in range(200):
            connection.sendall(b" ")
            time.sleep(0.02)

    canary.answer = endless
    with pytest.raises(OutboundRefused, match="bytes"):
        get_json(f"http://127.0.0.1:{canary.port}/")
    canary.answer = dripping
    monkeypatch.setattr(outbound, "TOTAL_S", 0.3)
    with pytest.raises(OutboundRefused, match="within"):
        get_json(f"http://127.0.0.1:{canary.port}/")
    assert b"accept-encoding: identity" in canary.hits[-1].lower()
