"""Files that a user names: read with a clear error, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from comity.canon import InputError


class SameFile(InputError):
    what = "{path} is named twice"
    why = "it is {one} and {other} of one command, and only one of them could be kept"
    do = "give each its own file; nothing was written"


class CannotRead(InputError):
    what = "{path} cannot be read"
    why = "{reason}"
    do = "check the path and who may read it"


class CannotWrite(InputError):
    what = "{path} cannot be written"
    why = "{reason}"
    do = "check the folder, its permissions and the space left; nothing was written"


def read_bytes(path: Path) -> bytes:
    """The whole file. Raises: CannotRead."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotRead(path=path, reason=error.strerror or type(error).__name__) from error


def write_whole(path: Path, chunks: Iterable[bytes], *, private: bool = False) -> None:
    """Write all chunks, or leave what was there as it was. `private` files are readable by their owner only.

    Raises: CannotWrite; and whatever making the chunks raises, with nothing written.
    """
    write_all({path: lambda: chunks}, private=private)


def write_all(contents: Mapping[Path | None, Callable[[], Iterable[bytes]]], *, private: bool = False) -> None:
    """Write several files, all of them or none; a path of None is not asked for and left out.

    Everything is on disk under temporary names before the first is given its own.
    Raises: CannotWrite; and whatever making the contents raises, with nothing written.
    """
    ready: list[tuple[str, Path]] = []
    try:
        for path, make in contents.items():
            if path is not None:
                ready.append((_beside(path, make(), private=private), path))
        for name, path in ready:
            try:
                os.replace(name, path)
            except OSError as error:
                raise CannotWrite(path=path, reason=error.strerror or type(error).__name__) from error
    finally:
        for name, _ in ready:
            Path(name).unlink(missing_ok=True)


def apart(files: Mapping[str, Path | None]) -> None:
    """Refuse a command that would write over what it reads, or write two things into one file.

    Args:   files: what each is to the command, and where it is; None where it was not asked for.
    Raises: SameFile.
    """
    seen: dict[Path, str] = {}
    for what, path in files.items():
        if path is not None and (other := seen.setdefault(path.resolve(), what)) != what:
            raise SameFile(path=path, one=other, other=what)


def _beside(path: Path, chunks: Iterable[bytes], *, private: bool) -> str:
    """The name of a temporary file in the same folder that holds all of it, flushed to disk."""
    if path.is_dir():
        raise CannotWrite(path=path, reason="it is a folder")
    if path.exists() and not path.is_file():  # a pipe or a device would be replaced by a file
        raise CannotWrite(path=path, reason="it is not an ordinary file")
    name = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        if not private:
            os.chmod(name, 0o666 & ~_umask())
    except BaseException as error:
        if name is not None:
            Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise CannotWrite(path=path, reason=error.strerror or type(error).__name__) from error
        raise
    return name


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
