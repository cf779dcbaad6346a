"""journal: the ledger in the database. What happened, in an append-only log that partners witness."""
