"""A page that could not do what was asked says what, why and what to do, as the command line and the API do."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from comity.canon import ComityError, InputError

Page = Callable[..., HttpResponse]


def told(view: Page) -> Page:
    """Any ComityError becomes a page with its three sentences and its status."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ComityError as error:
            return refusal(request, error, question=kwargs.get("question_id"))

    return page


def refusal(request: HttpRequest, error: ComityError, *, question: object = None) -> HttpResponse:
    status = getattr(error, "http_status", 400 if isinstance(error, InputError) else 409)
    return render(request, "desk/refusal.html", {"error": error, "question_id": question}, status=status)
