"""A log in a folder: atomic, durable, one writer, and verified from the command line."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.cli.files import CannotRead, CannotWrite
from comity.cli.logdir import LogBusy, LogDirectory, NotALog
from comity.ledger import Log, SignerKey, public_key_text, verify_log

KEY = SignerKey("node.example/releases", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def comity(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from comity.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_log_in_a_folder_is_taken_up_again(tmp_path):
    folder = LogDirectory(tmp_path / "a" / "log")
    assert folder.is_new
    with folder.writing():
        assert folder.is_new
        Log.create(folder, KEY).append([b"one"] * 300)
    assert not folder.is_new
    with folder.writing():
        assert Log.open(folder, KEY).append([b"two"]) == range(300, 301)
    assert verify_log(folder, KEY.verifier).checkpoint.size == 301
    assert (tmp_path / "a/log/tile/0/001.p/45").stat().st_size == 45 * 32
    assert not list(tmp_path.rglob("*.new"))


def test_two_writers_are_one_too_many(tmp_path):
    with LogDirectory(tmp_path).writing(), pytest.raises(LogBusy), LogDirectory(tmp_path).writing():
        pass
    with LogDirectory(tmp_path).writing():
        pass


def test_every_write_is_flushed_before_it_counts(tmp_path, monkeypatch):
    """The file before its name, the name before we return: or a power cut could keep a checkpoint without its tiles."""
    steps: list[str] = []
    fsync, replace = os.fsync, type(tmp_path).replace

    def flush(handle: int) -> None:
        steps.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        fsync(handle)

    def rename(self, target):
        steps.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", flush)
    monkeypatch.setattr(type(tmp_path), "replace", rename)
    LogDirectory(tmp_path).write("checkpoint", b"text")
    assert steps == ["file", "rename", "folder"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    folder = LogDirectory(tmp_path)
    folder.write("checkpoint", b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match="No space left"):
        folder.write("checkpoint", b"new")
    assert folder.read("checkpoint") == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]


def test_what_is_not_a_log_is_said_so(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(NotALog):
        _ = LogDirectory(file).is_new
    (tmp_path / "checkpoint").mkdir()
    with pytest.raises(CannotRead):
        LogDirectory(tmp_path).read("checkpoint")
    assert LogDirectory(tmp_path).read("file/below") is None


def test_log_verify_at_the_prompt(tmp_path):
    folder = LogDirectory(tmp_path / "log")
    Log.create(folder, KEY).append([b"one", b"two", b"three"])
    public = public_key_text(KEY.key.public_key())
    for key in (public, str(KEY.verifier)):
        done = comity("log", "verify", tmp_path / "log", "--key", key)
        assert done.returncode == 0, done.stderr
        assert "3 entries" in done.stdout
    bundle = tmp_path / "log/tile/entries/000.p/3"
    bundle.write_bytes(bundle.read_bytes().replace(b"two", b"owt"))
    done = comity("log", "verify", tmp_path / "log", "--key", public)
    assert done.returncode == 2
    assert "tile/entries/000.p/3" in done.stderr
    assert "restore the file from a copy" in done.stderr
    assert comity("log", "verify", tmp_path / "none", "--key", public).returncode == 2
