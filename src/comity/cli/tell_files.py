"""`comity tell --agreements`: one file split by destination on this machine, without a node."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from comity.canon import InputError
from comity.cli.account import show
from comity.cli.agreements import Text, beside, read_agreement
from comity.cli.clock import business_time
from comity.cli.files import CannotRead, CannotWrite, read_bytes, write_all, write_whole
from comity.cli.keys import new_secret, read_secret, written_secret
from comity.cli.progress import Counted
from comity.cli.screen import NOTHING_MAY, ONLY_REFERRED, summarise
from comity.cli.spools import FileSpool
from comity.cli.terminal import err, out, print_json, safe
from comity.crossing import Crossing, Keys, cross, observe, record
from comity.law import Law
from comity.material import Material, read_material

KEPT_SECRET = "secret.key"  # noqa: S105 -- the name of a file; the same source keeps its outgoing id next time


class NoPartner(InputError):
    what = "nobody can be told"
    why = "no agreement in {folder} has {party} as a party that sends"
    do = "name another folder with --agreements, or check the id of the party"


def tell_files(
    file: Path,
    agreements: Path,
    origin: str,
    *,
    purpose: str,
    out_folder: Path | None,
    key_file: Path | None,
    on: dt.datetime | None,
    collected_by: str | None,
    law_pack: Path | None,
    as_json: bool,
) -> int:
    """Write, for each partner that an agreement lets be told, PARTNER.json (what crosses) and PARTNER.decisions.jsonl.

    Returns: the exit status.
    """
    now = business_time(on)
    law = Law.load(law_pack)
    law.term(purpose, "purpose")
    flows = list(_flows(agreements, origin))
    if not flows:
        raise NoPartner(folder=agreements, party=ascii(origin))
    plans = [(text.agreement.id, text.plan(law, origin, partner, now.date())) for text, partner in flows]
    material = read_material(read_bytes(file), now=now, at=file.name)
    folder = out_folder or file.with_name(f"{file.name}.told")
    kept = _secret(key_file, folder)
    secret = kept or new_secret()
    with ExitStack() as spools:
        crossings = []
        for agreement, plan in plans:
            keys = Keys(secret, agreement)
            seen = observe(Counted(material.bundle, "reading"), keys, purpose=purpose, collected_by=collected_by)
            spool = spools.enter_context(FileSpool())
            doing = f"deciding for {plan.destination.id}"
            crossings.append(cross(Counted(material.bundle, doing), plan, seen, keys, now, spool=spool))
        _write(folder, crossings, secret if kept is None else None)
        accounts = [_account(crossing, material) for crossing in crossings]
        if not as_json:
            for crossing in crossings:
                show(crossing, material.losses)
    if as_json:
        print_json({"folder": str(folder), "partners": accounts})
    else:
        _show(accounts, folder)
    return _exit_status(accounts)


def _flows(folder: Path, origin: str) -> Iterator[tuple[Text, str]]:
    """Each partner once, by the annex with it where there is one, by the baseline otherwise."""
    if not folder.is_dir():
        raise CannotRead(path=folder, reason="it is not a folder")
    texts = [read_agreement(path) for path in beside(folder)]
    told: set[str] = set()
    for text in sorted(texts, key=lambda t: (t.baseline is None, t.agreement.id)):
        if text.agreement.party(origin) is None:
            continue
        for party in text.agreement.text.parties:
            if party.id != origin and party.id not in told:
                told.add(party.id)
                yield text, party.id


def _secret(key_file: Path | None, folder: Path) -> bytes | None:
    """The named secret, or the one kept beside what it made; None where there is none yet."""
    if key_file is not None:
        return read_secret(key_file)
    path = folder / KEPT_SECRET
    return read_secret(path) if path.exists() else None


def _write(folder: Path, crossings: Sequence[Crossing], made: bytes | None) -> None:
    """All partners' files or none. What an earlier run wrote for a partner to whom nothing crosses now goes away:
    nobody shall send it for this one's.
    """
    contents: dict[Path | None, Callable[[], Iterable[bytes]]] = {}
    for crossing in crossings:
        partner = crossing.plan.destination.id
        contents[folder / f"{partner}.decisions.jsonl"] = partial(record, crossing)
        if crossing.counts["material"]:
            contents[folder / f"{partner}.json"] = crossing.bundle
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(path=folder, reason=error.strerror or type(error).__name__) from error
    if made is not None:
        write_whole(folder / KEPT_SECRET, [written_secret(made)], private=True)
        err.print(f"[yellow]made a secret at {safe(str(folder / KEPT_SECRET))}[/]: keep it, and keep it from partners")
    write_all(contents)
    for crossing in crossings:
        if not crossing.counts["material"]:
            (folder / f"{crossing.plan.destination.id}.json").unlink(missing_ok=True)


def _account(crossing: Crossing, material: Material) -> dict[str, Any]:
    stayed = [
        {
            "id": decision.id,
            "outcome": decision.outcome,
            "why": list(decision.explanations),
            "clauses": list(decision.clauses),
            "law": list(decision.law),
            "referral": decision.referral,
        }
        for decision in crossing.decisions()
        if not decision.crossed
    ]
    stripped = sum(d.outcome == "refer" for decision in crossing.decisions() for d in decision.detections)
    return {**summarise(crossing, material), "stayed": stayed, "stripped_spans": stripped}


def _show(accounts: list[dict[str, Any]], folder: Path) -> None:
    table = Table("partner", "told", "stripped spans", "waiting", "stays home", title="Who was told", box=SIMPLE_HEAD)
    for account in accounts:
        counts = account["counts"]
        row = (counts["material"], account["stripped_spans"], counts["refer"], counts["deny"])
        table.add_row(account["to"], *map(str, row))
    out.print(table)
    out.print(f"written to {safe(str(folder))}")


def _exit_status(accounts: list[dict[str, Any]]) -> int:
    if any(account["counts"]["material"] for account in accounts):
        return 0
    return ONLY_REFERRED if any(account["counts"]["refer"] for account in accounts) else NOTHING_MAY
