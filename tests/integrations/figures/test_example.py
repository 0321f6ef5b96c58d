"""The server of the documentation, run as it stands there."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integrations.figures.player import CANARY
from tests.ports import free_port
from vestry.integrations.figures import Asked, KeyRefused, Line, Source, fetch

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "connect-a-source.md"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    file, port = tmp_path_factory.mktemp("feed") / "feed.py", free_port()
    file.write_text(code, encoding="utf-8")
    environment = os.environ | {"FEED_KEY": CANARY, "PORT": str(port)}
    with subprocess.Popen([sys.executable, str(file)], env=environment, stderr=subprocess.DEVNULL) as server:
        while server.poll() is None and not answers(port):
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/books"
        server.kill()


def answers(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def test_the_server_of_the_documentation_is_a_source(address: str) -> None:
    source = Source("feed", address, CANARY)
    sales = [
        Line("Sales", "2024-01", Decimal("100000.50"), "USD"),
        Line("Sales", "2024-02", Decimal("110000.00"), "USD"),
    ]
    assert fetch(source, Asked("2024-01", "2024-03")) == [*sales, Line("Headcount", "2024-02", Decimal(41))]
    assert fetch(source, Asked("2024-01", "2024-01")) == sales[:1]
    with pytest.raises(KeyRefused):
        fetch(Source("feed", address, "another key"), Asked("2024-01", "2024-03"))
