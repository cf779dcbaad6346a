"""Try yesterday's copy of a node's database with today's keys: `python -m comity.demo.nations.old_copy FOLDER COPY`.

Prints how many boxes of the copy open. The node's own code opens them, in a folder that has the copied database and
today's keys and keys' database.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from comity.demo.nations.nation import DATABASES


def main(folder: Path, copy: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="comity-old-copy-") as name:
        mixed = Path(name)
        for file in copy.glob(f"{DATABASES[0]}*"):
            shutil.copy2(file, mixed / file.name)
        for file in folder.glob(f"{DATABASES[1]}*"):
            shutil.copy2(file, mixed / file.name)
        shutil.copytree(folder / "keys", mixed / "keys")
        shutil.copy2(folder / "comity.toml", mixed / "comity.toml")
        os.environ["COMITY_NODE"] = str(mixed)
        os.environ["DJANGO_SETTINGS_MODULE"] = "comity.node.settings"
        print(json.dumps(_count()))


def _count() -> dict[str, int]:
    import django  # noqa: PLC0415 -- only now is there a node to set up

    django.setup()
    from comity.node.vault import actions as vault  # noqa: PLC0415 -- models are there once Django is set up
    from comity.node.vault.models import Box  # noqa: PLC0415 -- likewise

    boxes = list(Box.objects.all())
    opened = len(vault.opened_many(boxes))
    return {"readable": opened, "unreadable": len(boxes) - opened}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
