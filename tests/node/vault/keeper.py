"""A node's process for the tests of files: one verb, then the end of the process, without a goodbye to its databases.

python keeper.py FOLDER VERB INSTANT [NAME ...]
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from typing import Any


def main(folder: str, verb: str, instant: str, *names: str) -> Any:
    os.environ["COMITY_NODE"], os.environ["DJANGO_SETTINGS_MODULE"] = folder, "comity.node.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from node.vault.kept import DAY, fields

    from comity.node.databases import KEYS
    from comity.node.vault import actions
    from comity.node.vault.models import Holding

    now = dt.datetime.fromisoformat(instant)
    held = Holding.objects.filter(deleted_at=None)
    if verb == "make":
        call_command("migrate", verbosity=0)
        call_command("migrate", database=KEYS, verbosity=0)
    elif verb == "keep":
        items = [actions.Keeping(expires=now + 30 * DAY, **fields(name)) for name in names]
        return {h.object_id: h.digest for h in actions.keep_many(items, now)}
    elif verb == "delete":
        found = held.filter(object_id__in=[f"indicator--{name}" for name in names])
        return len(actions.delete(found, "retraction", now))
    elif verb == "sweep":
        swept = actions.sweep(now)
        return {name: getattr(swept, name) for name in swept.__slots__}
    elif verb == "read":
        opened = actions.opened_many(h.box for h in held.select_related("box") if h.box)
        return {h.object_id: opened[h.box_id].decode() if h.box_id in opened else "unreadable" for h in held}
    return None


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])), flush=True)
    os._exit(0)
