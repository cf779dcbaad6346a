"""Dictionary keys that hold somebody's data: renamed to a pseudonym, or removed with what stands under them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from comity.canon import Kind
from comity.privacy.pseudonyms import Pseudonyms
from comity.privacy.treatments.spans import Joined
from comity.privacy.treatments.standard import Steps

_NOT_IN_KEYS = re.compile(
    r"[^a-z0-9_]+"
)  # what is allowed in names of properties and in keys alike (sections 2.3, 3.1)


def treated_key(steps: Steps, spans: Sequence[Joined], pseudonyms: Pseudonyms) -> str | None:
    """The new key, or None where the member has to go: redacted or generalised, a key says nothing."""
    if len(spans) != 1 or spans[0].treatment.kind is not Kind.PSEUDONYMISE or not isinstance(steps[-1], str):
        return None
    # The whole key is renamed: what stands around the span would tell two apart that the pseudonym joins.
    return "x_" + _NOT_IN_KEYS.sub("_", pseudonyms.of(spans[0].category, spans[0].value).lower())
