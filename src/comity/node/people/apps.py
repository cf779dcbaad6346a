"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class People(AppConfig):
    name = "comity.node.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
