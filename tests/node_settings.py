"""Settings of a throw-away node: for the tests, and for the type checker, whose plugin must load the models."""

import atexit
import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from node_folder import make_folder

_DATABASE = os.environ.get("COMITY_TEST_DATABASE", "sqlite")
_URLS = [_DATABASE if _DATABASE == "sqlite" else f"{_DATABASE}/{name}" for name in ("node", "keys")]
_FOLDER = make_folder(*_URLS)
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)

from comity.node.settings import *  # noqa: E402, F403  (only now is there a node to set up)

if _DATABASE == "sqlite":  # files, as in a node: threads of a test would share one connection to a database in memory
    for _name, _each in DATABASES.items():  # noqa: F405
        _each["TEST"] = {"NAME": str(_FOLDER / f"test-{_name}.sqlite3")}
        _each["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"  # no test here cuts the power
