"""The table of detectors. A new one is one file and one line here; the engine names none of them."""

from comity.privacy.detectors import (
    account,
    address,
    birth,
    device,
    email,
    encoded,
    finance,
    handle,
    host,
    labelled,
    national_id,
    network,
    person,
    phone,
    position,
    secret,
    term,
    url,
    weblog,
    x509,
)
from comity.privacy.detectors.shape import Detector

# What is worth looking for inside base64 and hexadecimal: data that validates itself.
WITHIN_ENCODED = (email.DETECTOR, network.IPV4, finance.IBAN, finance.CARD, secret.SECRET, account.HOME)

TABLE: tuple[Detector, ...] = (
    email.DETECTOR,
    network.IPV4,
    network.IPV6,
    network.MAC,
    url.DETECTOR,
    phone.DETECTOR,
    finance.IBAN,
    finance.CARD,
    finance.WALLET,
    national_id.DETECTOR,
    device.MOBILE,
    device.DEVICE,
    device.VEHICLE,
    position.POSITION,
    address.DETECTOR,
    secret.SECRET,
    secret.PASSWORD,
    account.HOME,
    account.DOMAIN_USER,
    account.LOG,
    host.DETECTOR,
    birth.DETECTOR,
    birth.CELL,
    term.DETECTOR,
    handle.DETECTOR,
    x509.DETECTOR,
    labelled.LINE,
    labelled.INLINE,
    labelled.CELL,
    weblog.DETECTOR,
    person.DETECTOR,
)

__all__ = ["TABLE", "WITHIN_ENCODED", "Detector", "encoded"]
