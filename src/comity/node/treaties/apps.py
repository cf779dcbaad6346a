"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class Treaties(AppConfig):
    name = "comity.node.treaties"
    label = "treaties"
    default_auto_field = "django.db.models.BigAutoField"
