"""vault: what is kept, sealed and expiring. Each box has its own key in another database; without it, it is noise."""
