"""A spool over an unnamed temporary file, so that screening a large bundle needs little memory."""

from __future__ import annotations

import contextlib
import tempfile
from types import TracebackType
from typing import Self

from comity.canon import InputError

_LENGTH = 8  # bytes that say how long a record is


class NoRoom(InputError):
    what = "intermediate results cannot be kept in {folder}"
    why = "{reason}"
    do = "make room there, or name another folder in the environment variable TMPDIR; nothing was written"


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
        with contextlib.suppress(OSError):  # what a full disk left unwritten is thrown away all the same
            self._file.close()

    def append(self, data: bytes) -> int:
        """Raises: NoRoom."""
        handle = self._end
        try:
            self._file.seek(handle)
            self._file.write(len(data).to_bytes(_LENGTH, "big") + data)
        except OSError as error:
            raise _no_room(error) from error
        self._end += _LENGTH + len(data)
        return handle

    def read(self, handle: int) -> bytes:
        """Raises: NoRoom, where what is still to be written does not fit."""
        try:
            self._file.seek(handle)
            size = int.from_bytes(self._file.read(_LENGTH), "big")
            return self._file.read(size)
        except OSError as error:
            raise _no_room(error) from error


def _no_room(error: OSError) -> NoRoom:
    return NoRoom(folder=tempfile.gettempdir(), reason=error.strerror or type(error).__name__)
