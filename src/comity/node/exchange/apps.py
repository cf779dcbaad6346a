"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class Exchange(AppConfig):
    name = "comity.node.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"
