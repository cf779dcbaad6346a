"""Detection rules in other languages than STIX patterning (YARA, Sigma, Snort, PCRE), which are not parsed here.

A name in a rule's comment or metadata can go; what the rule looks for cannot, or it would look for something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from comity.canon import Kind, Treatment
from comity.privacy.pseudonyms import Pseudonyms
from comity.privacy.treatments.spans import Joined
from comity.privacy.treatments.text import in_machine_text, treated_text

# Up to the span, its line is a comment or says who wrote the rule and where to read more.
_ASIDE = re.compile(
    r"\s*(?:#|//|/\*|\*|(?:-\s*)?(?:author|authors|contact|reference|references|description|copyright|license|title)\s*[:=])",
    re.IGNORECASE,
)


def treated_rule(text: str, spans: Sequence[Joined], pseudonyms: Pseudonyms) -> tuple[str, list[Treatment]] | None:
    """The rule with its asides treated, or None where a span stands in what it matches and no token fits there."""
    for span in spans:
        line = text[text.rfind("\n", 0, span.start) + 1 : span.start]
        if _ASIDE.match(line) is None and in_machine_text(span, pseudonyms)[1].kind is not Kind.PSEUDONYMISE:
            return None
    return treated_text(text, spans, pseudonyms, prose=False)
