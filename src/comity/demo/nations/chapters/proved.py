"""A receipt that countersigns the bill's root: verified offline, with nothing but the keys that the agreement pins."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from comity.canon import ComityError, dumps
from comity.demo.chapter import Chapter, Check
from comity.demo.nations.world import PARTNERS, World
from comity.demo.packaged import INCIDENT
from comity.ledger import LogProof, VerifierKey, majority, read_public_key, verify_proof
from comity.messages import Bill, Receipt, verify_receipt

PARTNER = PARTNERS[0]


def proved(world: World) -> Chapter:
    world.doing("verifying a bill and its receipt offline")
    officer, origin, partner = world.desk("officer"), world.origin, world.nations[PARTNER]
    releases = [one for one in world.releases_of(world.submissions[INCIDENT]) if one["partner"] == PARTNER]
    release = max(releases, key=lambda one: one["standing"])
    bill = Bill.read(dumps(officer.get(f"/api/releases/{release['id']}/bill")))
    receipt = Receipt.read(dumps(officer.get(f"/api/releases/{release['id']}/receipt")))
    said = verify_receipt(receipt, read_public_key(partner.pinned), bill)
    keys = [VerifierKey.parse(nation.witness) for party, nation in world.nations.items() if party != origin.party]
    witnesses = {key.name: key for key in keys}
    logged = bill.content["logged"]
    checkpoint = verify_proof(
        logged["entry"].encode(),
        LogProof.parse(logged["proof"].encode()),
        VerifierKey.parse(origin.log),
        origin=bill.content["log_name"],
        policy=majority(witnesses),
    )
    forged = _refused(receipt, partner.pinned, bill)
    table = Table("", "verified offline", show_header=False)
    for line in (
        f"the bill lists {len(bill.content['listed'])} objects under the root {bill.content['root'][:23]}...",
        f"its entry is number {LogProof.parse(logged['proof'].encode()).index} of the log {bill.content['log_name']}",
        f"a majority of {len(witnesses)} witnesses cosigned the checkpoint of {checkpoint.size} entries",
        f"{partner.name} countersigned that root: {said.stored} objects stored, {len(said.missing)} missing",
        f"a receipt changed by one letter is refused: {forged.sentence if forged else 'it was accepted'}",
    ):
        table.add_row("✓", Text(line))
    return Chapter(
        title="Everything leaves proof",
        intro="A transfer is complete when the receiver has countersigned the bill's root for what it stored. Bill, "
        "log entry, cosignatures and receipt are verified here without asking any node.",
        body=(table,),
        checks=(
            Check(
                shown="a receipt countersigns the bill's root",
                held=said.complete and said.root == bill.content["root"] == release["root"],
                evidence=f"{said.stored} objects, signed by {partner.party}",
            ),
            Check(
                shown="the release was logged, and a majority of the partners witnessed the log",
                held=checkpoint.size > 0,
                evidence=f"checkpoint of {checkpoint.size} entries",
            ),
            Check(
                shown="a receipt that was changed is refused",
                held=forged is not None,
                evidence=type(forged).__name__ if forged else "it was accepted",
            ),
        ),
        facts={"bill": bill.id, "receipt": receipt.id, "root": bill.content["root"]},
    )


def _refused(receipt: Receipt, pinned: str, bill: Bill) -> ComityError | None:
    content = dict(receipt.content)
    content["created"] = content["modified"] = content["created"].replace("2026", "2027")
    try:
        verify_receipt(Receipt.read(dumps(content)), read_public_key(pinned), bill)
    except ComityError as error:
        return error
    return None
