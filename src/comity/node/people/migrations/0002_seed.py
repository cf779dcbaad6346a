"""What a new node begins with: the roles of `roles.toml`, and the command line as a program that people sign in with."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import migrations

from comity.node.people.roles import packaged

CLIENT = "comity-cli"
SCOPE = "comity"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def seed(apps: Any, _schema: Any) -> None:
    role = apps.get_model("people", "Role")
    for facts in packaged():
        role.objects.create(
            code=facts.code, title=facts.title, verbs=sorted(facts.verbs), excludes=sorted(facts.excludes)
        )
    # A public client has no secret; what stands in its column is no hash, so that no secret is ever the right one.
    apps.get_model("allauth_idp_oidc", "Client").objects.create(
        id=CLIENT,
        name="Comity command line",
        type="public",
        secret="!",  # noqa: S106
        scopes=SCOPE,
        default_scopes=SCOPE,
        grant_types=DEVICE,
        response_types="none",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("allauth_idp_oidc", "0003_client_allow_uri_wildcards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
