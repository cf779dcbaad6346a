"""node: the running node. A Django project over the pure rooms; its apps import only those before them (see `APPS`)."""

APPS = ("due", "people", "journal", "vault", "treaties", "border", "exchange", "desk")
"""The apps from the ground up: each may import those before it, and `config`, `keyring`, `clock` and `chance`."""
