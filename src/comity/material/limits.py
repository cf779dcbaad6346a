"""How much material is read before it is refused (attacks A01, A02, A20, A28)."""

from __future__ import annotations

from dataclasses import dataclass

from comity.canon import Limits as JsonLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Each is checked before the work it bounds. A node may configure others; these are the defaults."""

    max_bytes: int = (
        50 * 1024 * 1024
    )  # of one document, decoded; what our TAXII API Root advertises as max_content_length
    max_objects: int = 20_000  # of one bundle, event or table; the reference validator would take two minutes for them
    max_depth: int = 64  # of nesting, as the whole document counts it
    max_string: int = 1024 * 1024  # bytes of one string
    # Of one list or dictionary. A list that is longer makes its object invalid; beyond max_objects, the document.
    max_members: int = 10_000

    @property
    def document(self) -> JsonLimits:
        """The limits of a whole JSON document."""
        return JsonLimits(
            max_bytes=self.max_bytes,
            max_depth=self.max_depth,
            max_string=self.max_string,
            max_members=self.max_members,
            max_items=self.max_objects,
        )

    @property
    def object(self) -> JsonLimits:
        """The limits of one object of a bundle, which stands two levels deep in its document."""
        return JsonLimits(
            max_bytes=self.max_bytes,
            max_depth=self.max_depth - 2,
            max_string=self.max_string,
            max_members=self.max_members,
            max_items=self.max_objects,
        )


LIMITS = Limits()
MAX_SELECTORS = 200  # of one object's granular markings (A28)
MAX_PATTERN = 4_000  # characters of one STIX pattern (A20)
