"""Who asks, as authentication proved: a partner's node, or another tool of a partner's."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client of the TAXII server. It sees the collections of one party and no others."""

    party: str  # id in the agreements
    tool: UUID | None = None  # None: the party's own node, which proved it with the key that its agreement pins

    @property
    def writes(self) -> bool:
        """INVARIANT: only a node writes; its tools read."""
        return self.tool is None

    @property
    def name(self) -> str:
        """What its cursors are bound to."""
        return self.party if self.tool is None else f"{self.party}/{self.tool}"
