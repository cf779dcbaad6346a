"""What stands where something was removed: short, and clear to a person who reads it.

In prose: `[person name removed]`, `[e-mail address: example.org]`, `[withheld for review]`.
Where brackets and blanks would break a path, a URL or a command: `person-name-removed`.
"""

from __future__ import annotations

from comity.canon import Category

FOR_REVIEW = "[withheld for review]"  # doubtful: a person has yet to decide
NAME_REMOVED = "[name removed]"  # a required `name`, whoever's it was

_NOUNS: dict[Category, str] = {
    Category.PERSON_NAME: "person name",
    Category.EMAIL_ADDRESS: "e-mail address",
    Category.PHONE_NUMBER: "telephone number",
    Category.POSTAL_ADDRESS: "postal address",
    Category.SOCIAL_HANDLE: "social handle",
    Category.IPV4_ADDRESS: "IP address",
    Category.IPV6_ADDRESS: "IP address",
    Category.MAC_ADDRESS: "hardware address",
    Category.HOSTNAME: "host name",
    Category.DOMAIN_NAME: "domain name",
    Category.URL: "link",
    Category.USERNAME: "user name",
    Category.ACCOUNT_ID: "account",
    Category.DEVICE_ID: "device number",
    Category.VEHICLE_ID: "vehicle number",
    Category.GPS_POSITION: "position",
    Category.NATIONAL_ID: "national identifier",
    Category.PASSPORT: "passport number",
    Category.DATE_OF_BIRTH: "date of birth",
    Category.IBAN: "bank account",
    Category.PAYMENT_CARD: "payment card",
    Category.CRYPTO_WALLET: "wallet",
    Category.PASSWORD: "password",
    Category.API_KEY: "API key",
    Category.SESSION_TOKEN: "session token",
    Category.MESSAGE_CONTENT: "message",
    Category.TRAFFIC_DATA: "traffic data",
    Category.HEALTH: "special category of data",
    Category.ETHNICITY: "special category of data",
    Category.RELIGION: "special category of data",
    Category.POLITICS: "special category of data",
    Category.TRADE_UNION: "special category of data",
    Category.SEXUAL_ORIENTATION: "special category of data",
    Category.BIOMETRIC: "special category of data",
    Category.GENETIC: "special category of data",
    Category.CRIME_VICTIM: "special category of data",  # naming the sort would tell it
    Category.OFFENCE: "offence",
    Category.PRIVILEGED: "privileged text",
    Category.TRADE_SECRET: "trade secret",
    Category.UNREADABLE: "unreadable content",
}


def removed(category: Category) -> str:
    """`[person name removed]`."""
    return f"[{_NOUNS[category]} removed]"


def reduced(category: Category, rest: str) -> str:
    """`[e-mail address: example.org]`; what is left of a network address speaks for itself."""
    return rest if category.family == "network-address" else f"[{_NOUNS[category]}: {rest}]"


def bare(marker: str) -> str:
    """The marker without brackets and blanks, for paths, URLs, commands and rules: `person-name-removed`."""
    return marker.strip("[]").lower().replace(" ", "-")


def every_marker() -> frozenset[str]:
    """All the fixed texts above: what residue must not mistake for somebody's data."""
    prose = {FOR_REVIEW, NAME_REMOVED, *(removed(category) for category in Category)}
    return frozenset(prose | {bare(marker) for marker in prose})
