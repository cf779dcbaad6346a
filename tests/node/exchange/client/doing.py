"""What somebody does at a node's own machine, as a process of its own: python doing.py FOLDER VERB [ARGUMENT]...

    accept SOURCE SIGNATURES    take up a signed text
    send BUNDLE PARTNER         import and submit it
    withdraw PARTNER            take the newest release back
    state                       what there is
Prints JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from comity.node.running.opening import open_node


def accept(source: str, signatures: str) -> Any:
    from comity.node import clock
    from comity.node.treaties import actions as treaties

    return treaties.accept(Path(source).read_bytes(), Path(signatures).read_bytes(), now=clock.now()).pk


def person(username: str, *roles: str) -> Any:
    import datetime as dt

    from comity.node import clock
    from comity.node.people import actions
    from comity.node.people.models import Person

    found = Person.objects.filter(username=username).first()
    if found is not None:
        return found
    now = clock.now()
    made = actions.add_person(username, name=username.title(), now=now)
    for role in roles:
        actions.assign(made, role, starts=now, ends=now + dt.timedelta(days=365), by=None, now=now)
    return made


def send(bundle: str, partner: str) -> Any:
    from comity.node import clock
    from comity.node.border import actions as border

    analyst = person("analyst", "analyst", "duty-officer")
    now = clock.now()
    submission = border.import_file(Path(bundle).read_bytes(), by=analyst, now=now)
    (crossing,) = border.submit(submission, to=[partner], purpose="incident-response", by=analyst, now=now)
    return crossing.counts


def withdraw(partner: str) -> Any:
    from comity.messages import Withdrawal
    from comity.node import clock
    from comity.node.border import actions as border
    from comity.node.border.models import Release

    release = Release.objects.filter(flow__partner=partner).order_by("-entry__index")[0]
    officer = person("officer", "releasing-officer")
    return len(border.withdraw(release, why=Withdrawal.ERROR, by=officer, now=clock.now()))


def state() -> Any:
    from comity.node.border.models import Arrival, Quarantined, Release, Shelved, Withdrawal
    from comity.node.exchange.models import Message, Parcel, Part, Peer
    from comity.node.journal.models import Alarm
    from comity.node.vault.models import Box, Holding

    received = Holding.objects.filter(direction="received")
    return {
        "met": Peer.objects.exclude(log_key="").count(),
        "releases": Release.objects.count(),
        "published": Release.objects.exclude(published_at=None).count(),
        "complete": Release.objects.exclude(complete_at=None).count(),
        "held": received.filter(deleted_at=None).count(),
        "deleted": received.exclude(deleted_at=None).count(),
        "arrivals": Arrival.objects.count(),
        "receipts": Shelved.objects.filter(object_type="comity-receipt").count(),
        "stored": Parcel.objects.filter(state="stored").count(),
        "open": Parcel.objects.exclude(state="stored").count(),
        "parts": Part.objects.count(),
        "sealed": Box.objects.filter(kind="parcel").count(),
        "quarantined": Quarantined.objects.count(),
        "undelivered": Message.objects.filter(outward=True, delivered_at=None).count(),
        "unanswered": Withdrawal.objects.filter(answered_at=None).count(),
        "alarms": sorted(Alarm.objects.filter(cleared_at=None).values_list("code", flat=True)),
        "paused": sorted(Peer.objects.exclude(paused_why="").values_list("paused_why", flat=True)),
    }


VERBS = {"accept": accept, "send": send, "withdraw": withdraw, "state": state}

if __name__ == "__main__":
    open_node(Path(sys.argv[1]))
    print(json.dumps(VERBS[sys.argv[2]](*sys.argv[3:])))
