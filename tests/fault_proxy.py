"""A TCP proxy that loses, cuts and resets what passes, by a seeded draw: what a bad network does to a client."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Faults:
    """The chance of each fault for a piece of data that passes. ``lost_answer``: the server did the work, and the
    client never hears of it; ``cut``: a part arrives, then the end; ``reset``: the connection breaks."""

    reset: float = 0.0
    cut: float = 0.0
    lost_answer: float = 0.0
    counted: Counter[str] = field(default_factory=Counter)


class FaultProxy:
    """Listens on a loopback port of its own while the block runs."""

    def __init__(self, upstream: int, faults: Faults, seed: int) -> None:
        self.upstream, self.faults, self.chance = upstream, faults, random.Random(seed)
        self._ready, self.port = threading.Event(), 0
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._end.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0.05)  # transports close in a turn of their own

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.upstream)
        try:
            await asyncio.gather(self._pass(reader, back, writer, "up"), self._pass(there, writer, back, "down"))
        finally:
            for one in (writer, back):
                one.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, other: asyncio.StreamWriter, way: str
    ) -> None:
        try:
            while data := await reader.read(65_536):
                fault = self._drawn(way)
                if fault == "cut":
                    writer.write(data[: self.chance.randrange(len(data))])
                    await writer.drain()
                if fault is not None:
                    self.faults.counted[fault] += 1
                    _break(writer)
                    _break(other)
                    return
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        if not writer.is_closing():
            writer.close()

    def _drawn(self, way: str) -> str | None:
        for fault in ("reset", "cut", "lost_answer"):
            if (fault != "lost_answer" or way == "down") and self.chance.random() < getattr(self.faults, fault):
                return fault
        return None


def _break(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    if raw is not None and raw.fileno() >= 0:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
