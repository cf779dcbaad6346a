"""Opening a node: this process becomes that node's, with its settings and keys. Only who owns the folder can."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import django
from django.conf import settings

from comity.canon import InputError
from comity.node.config import FILE, VARIABLE, NodeConfig, current, read_config

SETTINGS = "comity.node.settings"


class NotYours(InputError):
    what = "the node in {folder} was not opened"
    why = "the folder belongs to another user of this machine"
    do = "run this as the user who owns the folder; what another user writes there, the node could not read"


def open_node(folder: Path) -> NodeConfig:
    """Once a process. Raises: NoNode, BadConfig, BadKeyring, NotYours."""
    config = read_config(folder)
    if (config.folder / FILE).stat().st_uid != os.geteuid():
        raise NotYours(folder=config.folder)
    if settings.configured and current().folder != config.folder:
        raise RuntimeError(f"this process is the node in {current().folder}")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # keys are in its memory, and no crash leaves them (attack A79)
    os.umask(0o077)  # what the databases write beside themselves is nobody else's
    os.environ[VARIABLE] = str(config.folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    django.setup()
    return config
