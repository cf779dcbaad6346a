"""What a person types on the pages of sign-in, over Django's client."""

from __future__ import annotations

from typing import Any

from django.test import Client

PASSWORD = "a cormorant over Haapsalu"


def give_password(client: Client, username: str = "ann", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/accounts/login/", {"login": username, "password": password, **more})


def give_code(client: Client, code: str) -> Any:
    """After the password."""
    return client.post("/accounts/login/second/", {"code": code})


def give_code_again(client: Client, code: str, page: str = "") -> Any:
    """Before a sensitive act."""
    return client.post("/accounts/again/code/", {"code": code, "next": page})


def errors(response: Any) -> str:
    """What a page says went wrong."""
    return " ".join(error for field in response.context["form"].errors.values() for error in field)
