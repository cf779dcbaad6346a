"""C407: where consent is the ground, a share clause asks for it."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.lawfulness import CONSENT
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    resting = [
        (party.id, authority)
        for party in setting.agreement.text.parties
        for _, alternatives in setting.authority(party.id)
        for authority in alternatives
        if authority.basis in CONSENT
    ]
    if not resting:
        return
    for text in setting.texts:
        for index, share in enumerate(text.text.share or ()):
            asks = share.consent is not None and share.consent.of == "data-subject"
            if share.personal_data != "none" and not asks:
                words = f"{resting[0][0]} rests on consent, and {share.id} does not ask for the data subject's"
                yield check.finding(Said(text, ("share", index)), words)


CHECK = Check(
    code="C407",
    title="consent not asked for",
    severity=Severity.ERROR,
    why="Who rests on consent must hold it for each person (GDPR art 7, APPI art 27(1)); only the data subject's is "
    "consent in the sense of data protection law.",
    do="add `consent: {of: data-subject}`, or rest on another basis",
    run=_run,
    needs_places=False,
)
