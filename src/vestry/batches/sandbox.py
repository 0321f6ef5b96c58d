"""Reading packages (XLSX, zip) in a process of its own, which has little memory, little time and no network.

What a package unpacks to is only known once it was unpacked, and what a parser does with hostile bytes only once it
did. So whatever unpacks to more than a little is read by a child that can be lost: it is forked from a process that
has imported everything already, and answers with columns of text and sentences, nothing that could be code.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import orjson
import polars as pl

from vestry.batches.tables import FileTooLarge, FileUnreadable, Style, Table
from vestry.core.errors import Fault, Invalid, Unavailable, UnsupportedMedia, VestryError

MEMORY_BYTES: Final = 384 * 1024 * 1024  # beyond what the process has mapped before it reads anything
CPU_SECONDS: Final = 25
WALL_SECONDS: Final = 30.0
AT_ONCE: Final = 2
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
# The refusals a child may answer with; whatever else it raises is our fault, or the file's for being too large.
_REFUSALS: Final[Mapping[str, type[VestryError]]] = {
    kind.__name__: kind for kind in (FileUnreadable, FileTooLarge, UnsupportedMedia, Invalid)
}
_places = threading.BoundedSemaphore(AT_ONCE)


class ReaderFailed(Unavailable):
    """The process that reads files cannot be started, or ended for no reason of the file's."""


def read(data: bytes, filename: str, style: Style, *, several: bool, grid: bool = False) -> list[Table]:
    """As :func:`vestry.batches.packages.read`, with a process between the file and us."""
    if not _places.acquire(timeout=WALL_SECONDS):
        raise ReaderFailed("Too many files are being read at this moment.", mend="Try again in a minute.")
    try:
        return _told(_answer(data, {"filename": filename, "style": asdict(style), "several": several, "grid": grid}))
    finally:
        _places.release()


def _answer(data: bytes, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["vestry.batches.reading"])
    ours, theirs = context.Pipe()
    child = context.Process(target=_work, args=(theirs,), daemon=True)
    with ours:
        try:
            child.start()
        except OSError as error:
            raise ReaderFailed("Files cannot be read now.", mend="Try again later.") from error
        theirs.close()
        late = threading.Timer(WALL_SECONDS, child.kill)  # a child that stops reading would stop us from writing
        late.start()
        try:
            ours.send_bytes(orjson.dumps(asked))
            ours.send_bytes(data)
            head = orjson.loads(ours.recv_bytes())
            return head, [ours.recv_bytes() for _ in head.get("tables", ())]
        except (EOFError, OSError):
            child.join(5)
            raise _why_lost(child.exitcode) from None
        finally:
            late.cancel()
            child.kill()
            child.join()
            child.close()


def _why_lost(code: int | None) -> VestryError:
    """Why a child ended without an answer: killed for its time or its processor time, or out of memory."""
    what = "time" if code in (-signal.SIGKILL, -signal.SIGXCPU) else "memory"
    return _too_costly(what)


def _too_costly(what: str) -> FileTooLarge:
    return FileTooLarge(
        f"Reading the file takes more {what} than a file may take.", mend="Save only the table, or use CSV."
    )


def _told(answer: tuple[dict[str, Any], list[bytes]]) -> list[Table]:
    head, frames = answer
    if "costly" in head:
        raise _too_costly(head["costly"])
    if "refusal" in head:
        faults = [Fault(**fault) for fault in head["faults"]]
        error = _REFUSALS[head["refusal"]](head["message"], mend=head["mend"], faults=faults)
        raise error
    if "unexpected" in head:
        raise FileUnreadable(
            f"The file cannot be read ({head['unexpected']}).", field="file", mend="Save it again, or use CSV."
        )
    return [
        Table(table["name"], frame.drop("\0row"), frame["\0row"], table["found"])
        for table, frame in zip(head["tables"], map(_frame, frames), strict=True)
    ]


def _frame(packed: bytes) -> pl.DataFrame:
    return pl.read_ipc(io.BytesIO(packed))


# Below: in the child.


def _work(pipe: Connection) -> None:
    """Read one file and answer. The limits come first; what is asked for comes through the pipe."""
    _limit()
    asked = orjson.loads(pipe.recv_bytes())
    data = pipe.recv_bytes()
    from vestry.batches import packages

    try:
        style, ways = Style(**asked["style"]), {name: asked[name] for name in ("several", "grid")}
        tables = packages.read(data, asked["filename"], style, **ways)
        packed = [_packed(table) for table in tables]
        head: dict[str, Any] = {"tables": [{"name": table.name, "found": table.found} for table in tables]}
    except tuple(_REFUSALS.values()) as error:
        packed, head = [], _refusal(error)
    except MemoryError:
        packed, head = [], {"costly": "memory"}
    except Exception as error:
        packed, head = [], {"unexpected": type(error).__name__}
    pipe.send_bytes(orjson.dumps(head))
    for one in packed:
        pipe.send_bytes(one)
    pipe.close()
    os._exit(0)  # nothing of the process that forked us is ours to tidy up


def _packed(table: Table) -> bytes:
    out = io.BytesIO()
    table.frame.with_columns(table.rows.alias("\0row")).write_ipc(out)
    return out.getvalue()


def _refusal(error: VestryError) -> dict[str, Any]:
    name = next(name for name, kind in _REFUSALS.items() if isinstance(error, kind))
    faults = [asdict(fault) for fault in error.faults]
    return {"refusal": name, "message": error.message, "mend": error.mend, "faults": faults}


def _limit() -> None:
    """Memory, processor time, no files written, no core left behind, and no network where the system lets us."""
    os.environ["POLARS_MAX_THREADS"] = "1"  # each thread maps memory of its own
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    for mapped in _mapped():
        most = mapped + MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_CLONE_NEWNET) != 0:  # only root may; others through a user namespace, if at all
            libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _mapped() -> Iterator[int]:
    """The bytes this process has mapped; nothing where the system does not say."""
    with contextlib.suppress(OSError):
        yield int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
