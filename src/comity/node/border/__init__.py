"""border: the door, both ways. Submissions, quarantine, approvals, releases, and the shelf that partners read."""
