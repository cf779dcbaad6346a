"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class Vault(AppConfig):
    name = "comity.node.vault"
    label = "vault"
    default_auto_field = "django.db.models.BigAutoField"
