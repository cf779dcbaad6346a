"""Where a crossing keeps its intermediate results, so that memory need not grow with the bundle."""

from __future__ import annotations

from typing import Protocol


class Spool(Protocol):
    """Append bytes, read them back by the handle. The command line gives one over a temporary file."""

    def append(self, data: bytes) -> int: ...
    def read(self, handle: int) -> bytes: ...


class MemorySpool:
    """Keeps everything in memory: right for a submission of ordinary size."""

    def __init__(self) -> None:
        self._kept: list[bytes] = []

    def append(self, data: bytes) -> int:
        self._kept.append(data)
        return len(self._kept) - 1

    def read(self, handle: int) -> bytes:
        return self._kept[handle]
