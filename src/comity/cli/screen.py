"""`comity screen`: decide, reduce and explain what of a file may cross under an agreement."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from comity.agreement import Plan
from comity.canon import InputError, Limits, dumps, loads, printable
from comity.cli.account import show
from comity.cli.agreements import read_agreement
from comity.cli.clock import business_time
from comity.cli.files import apart, read_bytes, write_all
from comity.cli.keys import read_secret
from comity.cli.progress import Counted
from comity.cli.spools import FileSpool
from comity.cli.terminal import print_json
from comity.crossing import Circumstances, Consent, Crossing, Keys, cross, observe, record
from comity.law import Law
from comity.material import Material, is_identifier, read_material, type_of

_RECORDED = frozenset(("id", "outgoing_id", "agreement", "from", "to"))
# Circumstances have an entry for every object and value of a bundle; what is read here was written by this program.
WIDE = Limits(max_members=2_000_000, max_items=2_000_000, max_bytes=512 * 1024 * 1024)
NOTHING_MAY, ONLY_REFERRED = 3, 4  # exit statuses when nothing crossed


class NotARecord(InputError):
    what = "this is not the record of a crossing"
    why = "each line of one has at least an id, an outgoing_id, an agreement, and from and to"
    do = "give the file that `comity screen --record` wrote"


class AnotherFlow(InputError):
    what = "{place} is of another crossing"
    why = "it tells what crossed from {origin} to {destination} under {agreement}, not what this partner holds"
    do = "give records of crossings of this flow under this agreement"


class SaidTwice(InputError):
    what = "{options} and --circumstances cannot both be given"
    why = "the circumstances already say it, and the crossing would go by them"
    do = "leave one of them out"


class OtherPurpose(InputError):
    what = "the circumstances are of a crossing for another purpose"
    why = "they say {theirs}, the command says {ours}"
    do = "name the same purpose, or observe the file again"


class BadConsent(InputError):
    what = "{text} is not a consent"
    why = "a consent says whose it is and where it is kept"
    do = "write it as victim-organisation:REFERENCE (or originator:, data-subject:)"


def screen(
    bundle: Annotated[Path, typer.Argument(help="STIX 2.1, MISP, CSV or a plain list; may be gzipped.")],
    agreement: Annotated[
        Path, typer.Option("--agreement", "-a", help="The agreement; its baseline is found beside it.")
    ],
    origin: Annotated[str, typer.Option("--from", help="The party that sends.")],
    destination: Annotated[str, typer.Option("--to", help="The party that would receive.")],
    purpose: Annotated[str, typer.Option(help="What it is needed for, as the agreement words it.")],
    key_file: Annotated[Path, typer.Option(help="The agreement's secret: see `comity key new --secret`.")],
    out_file: Annotated[Path | None, typer.Option("--out", help="Where to write the bundle that crosses.")] = None,
    record_file: Annotated[Path | None, typer.Option("--record", help="Where to write a line for each object.")] = None,
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Business day; 00:00Z of it.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="The baseline, when it is not beside its annex.")] = None,
    law_pack: Annotated[Path | None, typer.Option("--law", help="Another law pack than the one that ships.")] = None,
    collected_by: Annotated[str | None, typer.Option(help="How it was collected, where a clause asks.")] = None,
    consent: Annotated[
        list[str] | None, typer.Option(help="WHOSE:REFERENCE of a recorded consent; may repeat.")
    ] = None,
    approved: Annotated[list[str] | None, typer.Option(help="A referral that an officer approved; may repeat.")] = None,
    held: Annotated[list[Path] | None, typer.Option(help="Record of an earlier crossing: what they hold.")] = None,
    circumstances: Annotated[Path | None, typer.Option(help="Circumstances to use instead of observing them.")] = None,
    circumstances_out: Annotated[Path | None, typer.Option(help="Where to write the circumstances.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Decide, reduce and explain what of a file may cross under an agreement.

    Exit status: 0 when anything crossed, 3 when nothing may, 4 when only a person's approval is missing, 2 on bad
    input with nothing written. Run twice with the same input it writes the same bytes.
    """
    now = business_time(on)
    apart(
        {
            "the material": bundle,
            "the agreement": agreement,
            "the baseline": baseline,
            "the secret": key_file,
            "the circumstances given": circumstances,
            "--out": out_file,
            "--record": record_file,
            "--circumstances-out": circumstances_out,
        }
    )
    told = {"--collected-by": collected_by, "--consent": consent, "--approved": approved, "--held": held}
    if circumstances is not None and any(told.values()):
        raise SaidTwice(options=", ".join(option for option, value in told.items() if value))
    law = Law.load(law_pack)
    law.term(purpose, "purpose")
    text = read_agreement(agreement, baseline)
    plan = text.plan(law, origin, destination, now.date())
    keys = Keys(read_secret(key_file), text.agreement.id)
    material = read_material(read_bytes(bundle), now=now, at=bundle.name)
    if circumstances is None:
        seen = observe(
            Counted(material.bundle, "reading"),
            keys,
            purpose=purpose,
            collected_by=collected_by,
            consents=tuple(_consent(word) for word in consent or ()),
            approved=frozenset(approved or ()),
            held=_held(held or (), plan),
        )
    else:
        seen = Circumstances.from_json(loads(read_bytes(circumstances), limits=WIDE, at=circumstances.name), keys.tag)
        if seen.purpose != purpose:
            raise OtherPurpose(at=circumstances.name, theirs=printable(str(seen.purpose)), ours=printable(purpose))
    with FileSpool() as spool:
        crossing = cross(Counted(material.bundle, "deciding"), plan, seen, keys, now, spool=spool)
        write_all(
            {
                out_file: crossing.bundle,
                record_file: lambda: record(crossing),
                circumstances_out: lambda: iter((dumps(crossing.circumstances.to_json()),)),
            }
        )
        summary = summarise(crossing, material)
        if as_json:
            print_json(summary)
        else:
            show(crossing, material.losses)
    raise typer.Exit(exit_status(crossing))


def exit_status(crossing: Crossing) -> int:
    """0 when anything crossed, 4 when all that could cross waits for a person, 3 when nothing may."""
    if crossing.counts["material"]:
        return 0
    return ONLY_REFERRED if crossing.counts["refer"] else NOTHING_MAY


def _consent(word: str) -> Consent:
    of, colon, reference = word.partition(":")
    if not colon or not reference or of not in ("originator", "victim-organisation", "data-subject"):
        raise BadConsent(text=ascii(word))
    return Consent(of=of, objects=frozenset(), until=None, reference=reference)


def _held(records: Iterable[Path], plan: Plan) -> dict[str, str]:
    """Source id -> the id the partner holds it under, from the records of earlier crossings.

    INVARIANT: what went to somebody else, or under another agreement, is not held here (promise 3).
    Raises: CannotRead, StrictJsonError, NotARecord, AnotherFlow.
    """
    flow = (plan.agreement.id, plan.origin.id, plan.destination.id)
    found: dict[str, str] = {}
    for path in records:
        for number, line in enumerate(read_bytes(path).splitlines(), start=1):
            place = f"{path.name}:{number}"
            decision = loads(line, at=place)
            if not isinstance(decision, dict) or not decision.keys() >= _RECORDED:
                raise NotARecord(at=place)
            source, outgoing = decision["id"], decision["outgoing_id"]
            agreement = str(decision["agreement"]).rpartition("/")[0]
            if (agreement, decision["from"], decision["to"]) != flow:
                origin, destination = printable(str(decision["from"])), printable(str(decision["to"]))
                raise AnotherFlow(
                    place=place, origin=origin, destination=destination, agreement=printable(str(agreement))
                )
            if outgoing is None:
                continue
            if not is_identifier(source) or not is_identifier(outgoing) or type_of(source) != type_of(outgoing):
                raise NotARecord(at=place)
            found[source] = outgoing
    return found


def summarise(crossing: Crossing, material: Material) -> dict[str, object]:
    """What a program wants to know of a crossing, without reading the record."""
    plan = crossing.plan
    return {
        "agreement": f"{plan.agreement.id}/{plan.agreement.version}",
        "bundle": crossing.bundle_id,
        "circumstances_digest": crossing.circumstances.digest,
        "counts": dict(crossing.counts),
        "from": plan.origin.id,
        "losses": [{"id": loss.id, "what": loss.what, "why": loss.why} for loss in material.losses],
        "reasons": dict(Counter(reason for decision in crossing.decisions() for reason in decision.reasons)),
        "retracts": list(crossing.retracts),
        "to": plan.destination.id,
    }
