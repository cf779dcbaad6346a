"""A spool over an unnamed temporary file, so that screening a large bundle needs little memory."""

from __future__ import annotations

import tempfile
from types import TracebackType
from typing import Self

_LENGTH = 8  # bytes that say how long a record is


class FileSpool:
    """See `comity.crossing.Spool`. The file has no name and is gone when the process is."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (closed when the spool is)
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, data: bytes) -> int:
        handle = self._end
        self._file.seek(handle)
        self._file.write(len(data).to_bytes(_LENGTH, "big") + data)
        self._end += _LENGTH + len(data)
        return handle

    def read(self, handle: int) -> bytes:
        self._file.seek(handle)
        size = int.from_bytes(self._file.read(_LENGTH), "big")
        return self._file.read(size)
