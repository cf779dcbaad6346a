"""treaties: agreements as signed, the flows they open, consents, and what suspends them."""
