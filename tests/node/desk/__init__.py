"""The desk: what officers see and do, in a client and in a browser."""
