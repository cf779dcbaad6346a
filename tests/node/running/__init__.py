"""A node as its owner runs it: real folders, real processes, real TLS on loopback."""
