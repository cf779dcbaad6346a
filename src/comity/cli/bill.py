"""`comity bill`: make, sign and log the bill of a release."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.canon import InputError, midnight, printable
from comity.cli.agreements import Text, read_agreement
from comity.cli.files import write_whole
from comity.cli.keys import read_private_key
from comity.cli.logdir import LogDirectory
from comity.cli.released import read_released
from comity.cli.terminal import out, print_json, safe
from comity.ledger import CHECKPOINT_PATH, Log, SignerKey, public_key_text
from comity.messages import Bill, Release, bill_secret, log_bill, make_bill, sign_bill


class OtherCrossing(InputError):
    what = "the record is of another crossing"
    why = "its {member} is {found}, and {asked} was asked for"
    do = "give the record of this release, or name what it was decided for"


class NotPinned(InputError):
    what = "this key cannot sign for {party}"
    why = "the agreement pins {pinned}"
    do = "sign with the key that the agreement names, or have the parties agree on this one"


def bill(
    crossed: Annotated[Path, typer.Argument(help="The bundle that crossed, as `comity screen --out` wrote it.")],
    record: Annotated[Path, typer.Option(help="The record of the crossing.")],
    agreement: Annotated[Path, typer.Option("--agreement", "-a", help="The agreement that it crossed under.")],
    origin: Annotated[str, typer.Option("--from", help="The party that sends, and signs.")],
    destination: Annotated[str, typer.Option("--to", help="The party that receives.")],
    purpose: Annotated[str, typer.Option(help="What it was decided for.")],
    signing_key: Annotated[Path, typer.Option(help="The private key of --from: see `comity key new`.")],
    log: Annotated[Path, typer.Option(help="The folder of the log; one is begun where there is none.")],
    out_file: Annotated[Path, typer.Option("--out", help="Where to write the bill.")],
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Business day of the bill.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="The baseline, when it is not beside its annex.")] = None,
    log_name: Annotated[str | None, typer.Option(help="What a new log calls itself; else PARTY/releases.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Make, sign and log the bill of a release. Nonce, salt and id derive from the signing key and the bill, so the
    same release is entered once, however often this is run.
    """
    text = read_agreement(agreement, baseline)
    key = read_private_key(signing_key)
    _check_pinned(text, origin, key)
    released = read_released(crossed, record, made_at=midnight(on.date()) if on else None)
    _check_same(released.release, text, origin, destination, purpose)
    folder, made = LogDirectory(log), list[Bill]()

    def logged() -> Iterator[bytes]:
        """The file: it is begun before the log is touched, so that a bad path leaves no entry without its bill."""
        with folder.writing():
            opened = _open(folder, key, log_name or f"{origin}/releases")
            unsigned = make_bill(
                released.release,
                released.objects,
                key=key.public_key(),
                log_name=opened.checkpoint.origin,
                secret=bill_secret(key),
            )
            made.append(log_bill(sign_bill(unsigned, key), opened, secret=bill_secret(key)))
        yield bytes(made[0])

    write_whole(out_file, logged())
    _tell(made[0], out_file, as_json)


def _open(folder: LogDirectory, key: Ed25519PrivateKey, name: str) -> Log:
    """The log in the folder, under the name that it has; or a new one."""
    if folder.is_new:
        return Log.create(folder, SignerKey(name, key))
    note = folder.read(CHECKPOINT_PATH) or b""  # a log without one is refused by opening it
    own_name = note.partition(b"\n")[0].decode("utf-8", "replace")
    return Log.open(folder, SignerKey(own_name or name, key))


def _check_pinned(text: Text, party: str, key: Ed25519PrivateKey) -> None:
    texts = [text.agreement.text, *([text.baseline.text] if text.baseline else [])]
    pinned = [one.key for words in texts for one in words.parties if one.id == party and one.key]
    if public_key_text(key.public_key()) not in pinned:
        raise NotPinned(party=printable(party), pinned=" and ".join(pinned) or "no key for that party")


def _check_same(release: Release, text: Text, origin: str, destination: str, purpose: str) -> None:
    asked = {
        "agreement": (release.agreement_digest, text.agreement.digest),
        "baseline": (release.baseline_digest, text.baseline.digest if text.baseline else None),
        "origin": (release.origin, origin),
        "destination": (release.destination, destination),
        "purpose": (release.purpose, purpose),
    }
    for member, (found, wanted) in asked.items():
        if found != wanted:
            raise OtherCrossing(member=member, found=printable(str(found)), asked=printable(str(wanted)))


def _tell(made: Bill, path: Path, as_json: bool) -> None:
    entry = made.content["logged"]["proof"].split("\n")
    index = next(int(line.removeprefix("index ")) for line in entry if line.startswith("index "))
    count, root, name = len(made.content["listed"]), made.content["root"], made.content["log_name"]
    if as_json:
        print_json({"bill": made.id, "file": str(path), "index": index, "log": name, "objects": count, "root": root})
        return
    out.print(f"[bold]bill[/] {made.id} lists {count} objects", soft_wrap=True, highlight=False)
    out.print(f"  root {root}", soft_wrap=True, highlight=False)
    out.print(f"  entered as number {index} of the log {safe(name)}", soft_wrap=True, highlight=False)
