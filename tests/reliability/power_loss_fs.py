"""A file system that loses what was not synced: ``python -m tests.reliability.power_loss_fs MOUNTPOINT``.

A write is seen at once; only fsync makes it durable. Writing ``cut SEED`` into the file ``.cut`` does what a power cut
does: each file becomes what was durable, plus a random choice of the writes since, some of them torn at a sector.
One flat folder, as much as SQLite needs.
"""

from __future__ import annotations

import errno
import random
import stat
import sys
import threading
from dataclasses import dataclass, field
from typing import Any

import mfusepy as fuse

SECTOR = 512
SWITCH = "/.cut"
Bytes = bytearray


@dataclass
class File:
    """What is seen, what is durable, and the writes in between (offset and bytes; a new size has no offset)."""

    mode: int
    seen: Bytes = field(default_factory=Bytes)
    durable: Bytes = field(default_factory=Bytes)
    since: list[tuple[int | None, bytes | int]] = field(default_factory=list)


def put(content: Bytes, offset: int, data: bytes) -> None:
    """Write into a file's content, which grows as needed."""
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def resize(content: Bytes, size: int) -> None:
    """Cut or extend a file's content."""
    if size < len(content):
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))


class PowerLossFs(fuse.Operations):  # type: ignore[misc]
    """The file system's operations; FUSE names them and their arguments."""

    use_ns = True

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self._guard = threading.RLock()

    def _file(self, path: str) -> File:
        if path not in self.files:
            raise fuse.FuseOSError(errno.ENOENT)
        return self.files[path]

    def getattr(self, path: str, fh: Any = None) -> dict[str, Any]:
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o777, "st_nlink": 2}
        if path == SWITCH:
            return {"st_mode": stat.S_IFREG | 0o666, "st_nlink": 1, "st_size": 0}
        file = self._file(path)
        size = len(file.seen)
        return {"st_mode": stat.S_IFREG | file.mode, "st_nlink": 1, "st_size": size, "st_blocks": size // SECTOR + 1}

    def readdir(self, path: str, fh: Any) -> list[str]:
        return [".", "..", *(name[1:] for name in self.files)]

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        self.files[path] = File(mode & 0o777)
        return 0

    def open(self, path: str, flags: int) -> int:
        if path != SWITCH:
            self._file(path)
        return 0

    def read(self, path: str, size: int, offset: int, fh: Any) -> bytes:
        with self._guard:
            return bytes(self._file(path).seen[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: Any) -> int:
        with self._guard:
            if path == SWITCH:
                self.cut(random.Random(int(data.split()[1])))
            else:
                file = self._file(path)
                put(file.seen, offset, data)
                file.since.append((offset, bytes(data)))
        return len(data)

    def truncate(self, path: str, length: int, fh: Any = None) -> None:
        with self._guard:
            if path != SWITCH:
                file = self._file(path)
                resize(file.seen, length)
                file.since.append((None, length))

    def fsync(self, path: str, datasync: int, fh: Any) -> None:
        with self._guard:
            file = self._file(path)
            file.durable = Bytes(file.seen)
            file.since = []

    def unlink(self, path: str) -> None:
        self.files.pop(path, None)

    def rename(self, old: str, new: str, *flags: Any) -> None:
        self.files[new] = self.files.pop(old)

    def statfs(self, path: str) -> dict[str, int]:
        return {"f_bsize": 4096, "f_frsize": 4096, "f_blocks": 1 << 20, "f_bavail": 1 << 19, "f_bfree": 1 << 19}

    def flush(self, path: str, fh: Any) -> int:
        return 0

    release = flush

    def fsyncdir(self, path: str, datasync: int, fh: Any) -> int:
        return 0

    access = chmod = chown = utimens = lambda self, path, *given: 0

    def cut(self, chance: random.Random) -> None:
        """The power goes: of what was not synced, a random part is there, in sectors."""
        kept = chance.choice([0.0, 0.5, 0.9])
        for file in self.files.values():
            left = Bytes(file.durable)
            for offset, what in file.since:
                if chance.random() >= kept:
                    continue
                if isinstance(what, int):
                    resize(left, what)
                    continue
                assert offset is not None
                torn = chance.random() < 0.3
                put(left, offset, what[: SECTOR * chance.randrange(len(what) // SECTOR + 1)] if torn else what)
            file.seen, file.durable, file.since = left, Bytes(left), []


if __name__ == "__main__":
    fuse.FUSE(PowerLossFs(), sys.argv[1], foreground=True, nothreads=False, attr_timeout=0, entry_timeout=0)
