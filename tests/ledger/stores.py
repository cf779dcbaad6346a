"""A log's files in memory, which can be told to fail at any write: before it, or half-way between file and folder."""

from __future__ import annotations


class MemoryStore:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.writes: list[str] = []

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def write(self, path: str, data: bytes) -> None:
        self.writes.append(path)
        self.files[path] = data


class Crash(Exception):
    pass


class CrashingStore(MemoryStore):
    """Dies at write number `at`: with the file in place or without it, but never with half of it."""

    def __init__(self, files: dict[str, bytes], at: int, *, after: bool) -> None:
        super().__init__()
        self.files = dict(files)
        self.at, self.after = at, after

    def write(self, path: str, data: bytes) -> None:
        if len(self.writes) == self.at:
            if self.after:
                super().write(path, data)
            raise Crash
        super().write(path, data)
