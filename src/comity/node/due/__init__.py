"""due: what has to be done by when. Rows with a lease and attempts; background tasks only wake them."""
