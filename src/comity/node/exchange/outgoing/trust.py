"""Whom our calls believe: TLS 1.2 or newer, a chain to a named authority, and the host's own name."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TypeAlias

import httpx2

from comity.canon import InputError

Trust: TypeAlias = ssl.SSLContext | Path | None
"""Authorities to believe: a PEM file, a context of one's own, or None for the system's."""


class BadTrust(InputError):
    what = "the authorities for partners' certificates cannot be used"
    why = "{reason}"
    do = "name a PEM file with the authorities to believe, or none to believe the system's"


def client_context(trust: Trust) -> ssl.SSLContext:
    """A context that checks chain and name.

    Nothing of it comes from the environment: not SSL_CERT_FILE, which would add an authority, and not SSLKEYLOGFILE,
    which would write the session keys down.
    Raises:  BadTrust: no such file; a context that does not check.
    """
    context = _context(trust)
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        raise BadTrust(reason="the given TLS context does not check certificates and names")
    context.minimum_version = max(context.minimum_version, ssl.TLSVersion.TLSv1_2)
    return context


def _context(trust: Trust) -> ssl.SSLContext:
    if isinstance(trust, ssl.SSLContext):
        return trust
    if trust is None:
        return httpx2.create_ssl_context(trust_env=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=trust)
    except (OSError, ssl.SSLError) as error:
        raise BadTrust(reason=f"{trust.name} is not a PEM file of certificates that can be read") from error
    return context
