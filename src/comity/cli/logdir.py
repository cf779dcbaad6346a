"""A log in a folder: the files of C2SP tlog-tiles, as a web server would serve them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from comity.canon import InputError
from comity.cli.files import CannotRead, CannotWrite

_LOCK = ".lock"


class LogBusy(InputError):
    what = "the log in {path} is in use"
    why = "another process is adding to it, and two writers would fork it"
    do = "wait until it has finished, and try again"


class NotALog(InputError):
    what = "{path} is not a log"
    why = "{reason}"
    do = "name the folder of a log, or one that is empty or not there yet to begin a log in it"


class LogDirectory:
    """Fits `comity.ledger.TileStore`. Each write is atomic and durable: file, rename, folder, each flushed to disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def is_new(self) -> bool:
        """Whether a log may begin here: there is no folder yet, or nothing in it but the lock.

        Raises: NotALog when the path is a file.
        """
        if not self.path.exists():
            return True
        if not self.path.is_dir():
            raise NotALog(path=self.path, reason="it is a file")
        return all(entry.name == _LOCK for entry in self.path.iterdir())

    def read(self, path: str) -> bytes | None:
        """Raises: CannotRead for anything but a file that is not there."""
        try:
            return (self.path / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise CannotRead(path=self.path / path, reason=error.strerror or type(error).__name__) from error

    def write(self, path: str, data: bytes) -> None:
        """Raises: CannotWrite, with the old file in its place."""
        target = self.path / path
        temporary = target.with_name(f".{target.name}.new")  # one writer holds the lock, so the name is free
        try:
            _make_folder(target.parent)
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
            _flush_folder(target.parent)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise CannotWrite(path=target, reason=error.strerror or type(error).__name__) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the log for one writer; the lock goes with the process. Raises: LogBusy; CannotWrite."""
        try:
            _make_folder(self.path)
            lock = (self.path / _LOCK).open("wb")
        except OSError as error:
            raise CannotWrite(path=self.path, reason=error.strerror or type(error).__name__) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise LogBusy(path=self.path) from error
            yield


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each entered durably in the one above."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _flush_folder(folder.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
