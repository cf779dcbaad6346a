"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class Due(AppConfig):
    name = "comity.node.due"
    label = "due"
    default_auto_field = "django.db.models.BigAutoField"
