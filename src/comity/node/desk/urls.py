"""The desk's routes."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from comity.node.desk import pages

_QUESTION = "desk/questions/<uuid:question_id>/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("desk/", pages.queue, name="queue"),
    path(_QUESTION, pages.question, name="question"),
    path(f"{_QUESTION}look/", pages.look, name="look"),
    path(f"{_QUESTION}approve/", pages.approve, name="approve"),
    path(f"{_QUESTION}reject/", pages.reject, name="reject"),
    path(f"{_QUESTION}strip/", pages.strip, name="strip"),
]
