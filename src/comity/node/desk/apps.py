"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class Desk(AppConfig):
    name = "comity.node.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"
