"""A node's folder for tests: made once a run, with keys of its own and no network address that anybody listens on."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

CONFIG = """\
party = "cert-ee"
name = "CERT-EE"
url = "https://localhost:9441"
listen = "127.0.0.1:9441"
development = true
clock_file = "clock"
database = "{database}"
keys_database = "{keys_database}"
"""


def make_folder(database: str = "sqlite", keys_database: str = "sqlite") -> Path:
    """Set COMITY_NODE to a new folder, before Django is imported."""
    from comity.node.keyring import make_keyring

    folder = Path(tempfile.mkdtemp(prefix="comity-test-"))
    (folder / "comity.toml").write_text(CONFIG.format(database=database, keys_database=keys_database), encoding="utf-8")
    (folder / "clock").write_text("2026-11-23T10:00:00Z\n", encoding="ascii")
    make_keyring(folder / "keys")
    os.environ["COMITY_NODE"] = str(folder)
    return folder
