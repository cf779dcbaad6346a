"""running: make a node's folder, serve it, do its work, and see how it is. Only this opens a folder."""
