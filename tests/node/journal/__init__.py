"""The journal: entries, the log over them, its witnesses, and the logs that it watches."""
