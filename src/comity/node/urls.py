"""People's routes: pages and the API for programs. Partners' are in `wire_urls`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from comity.node.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("comity.node.people.urls")),
    path("", include("comity.node.desk.urls")),
    path("api/", api.urls),
]
