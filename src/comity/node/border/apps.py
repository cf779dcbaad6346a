"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class Border(AppConfig):
    name = "comity.node.border"
    label = "border"
    default_auto_field = "django.db.models.BigAutoField"
