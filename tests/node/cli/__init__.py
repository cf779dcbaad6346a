"""The verbs of a node on the command line, end to end: a process, HTTPS, the node's tables."""
