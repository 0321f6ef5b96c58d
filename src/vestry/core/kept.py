"""What was made from a state of the books and stands until it is another one: answers, and sums that were read."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

BYTES_MAX: Final = 64 * 1024 * 1024


class Kept:
    """Bytes with their stamps, the least recently asked for going first when they grow too large together."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self.bytes_max, self.bytes = bytes_max, 0
        self._answers: OrderedDict[Hashable, tuple[Hashable, bytes]] = OrderedDict()
        self._alone = threading.Lock()

    def get(self, name: Hashable, stamp: Hashable) -> bytes | None:
        """What was made from this."""
        with self._alone:
            found = self._answers.get(name)
            if found is None or found[0] != stamp:
                return None
            self._answers.move_to_end(name)
            return found[1]

    def keep(self, name: Hashable, stamp: Hashable, answer: bytes) -> None:
        """In place of what was kept under the name."""
        with self._alone:
            earlier = self._answers.pop(name, None)
            self.bytes -= len(earlier[1]) if earlier else 0
            self._answers[name] = (stamp, answer)
            self.bytes += len(answer)
            while self.bytes > self.bytes_max:
                _, (_, oldest) = self._answers.popitem(last=False)
                self.bytes -= len(oldest)
