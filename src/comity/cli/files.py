"""Files that a user names: read with a clear error, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from comity.canon import InputError


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
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise CannotWrite(path=path, reason=error.strerror or type(error).__name__) from error
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if not private:
            os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise CannotWrite(path=path, reason=error.strerror or type(error).__name__) from error
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
