"""The words every room speaks: what kind of personal data, whose it is, and how widely it may travel.

The same words stand, with their W3C DPV, TLP and MISP counterparts, in the law pack's vocabulary.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Role(StrEnum):
    """Whose data a detection is (DESIGN: role)."""

    ATTACKER = "attacker"
    ABUSED_HOST = "abused-host"  # a hacked machine that attacks: both attacker's tool and victim's property
    VICTIM = "victim"
    REPORTER = "reporter"
    ANALYST = "analyst"
    BYSTANDER = "bystander"
    ORGANISATION = "organisation"
    UNKNOWN = "unknown"


class Category(StrEnum):
    """What kind of personal or protected data a detection is. `family` is the wider term agreements may use."""

    PERSON_NAME = "person-name"
    EMAIL_ADDRESS = "email-address"
    PHONE_NUMBER = "phone-number"
    POSTAL_ADDRESS = "postal-address"
    SOCIAL_HANDLE = "social-handle"
    IPV4_ADDRESS = "ipv4-address"
    IPV6_ADDRESS = "ipv6-address"
    MAC_ADDRESS = "mac-address"
    HOSTNAME = "hostname"
    DOMAIN_NAME = "domain-name"
    URL = "url"
    USERNAME = "username"
    ACCOUNT_ID = "account-id"
    DEVICE_ID = "device-id"
    VEHICLE_ID = "vehicle-id"
    GPS_POSITION = "gps-position"
    NATIONAL_ID = "national-id"
    PASSPORT = "passport"
    DATE_OF_BIRTH = "date-of-birth"
    IBAN = "iban"
    PAYMENT_CARD = "payment-card"
    CRYPTO_WALLET = "crypto-wallet"
    PASSWORD = "password"
    API_KEY = "api-key"
    SESSION_TOKEN = "session-token"
    MESSAGE_CONTENT = "message-content"
    TRAFFIC_DATA = "traffic-data"
    HEALTH = "health"
    ETHNICITY = "ethnicity"
    RELIGION = "religion"
    POLITICS = "politics"
    TRADE_UNION = "trade-union"
    SEXUAL_ORIENTATION = "sexual-orientation"
    BIOMETRIC = "biometric"
    GENETIC = "genetic"
    CRIME_VICTIM = "crime-victim"  # special only where a law says so (Japan, APPI art 2(3))
    OFFENCE = "offence"
    PRIVILEGED = "privileged"
    TRADE_SECRET = "trade-secret"
    UNREADABLE = "unreadable"  # content that cannot be searched, so could hold anything

    @property
    def family(self) -> str:
        return _FAMILY[self]


FAMILIES: dict[str, tuple[Category, ...]] = {
    "contact": (
        Category.PERSON_NAME,
        Category.EMAIL_ADDRESS,
        Category.PHONE_NUMBER,
        Category.POSTAL_ADDRESS,
        Category.SOCIAL_HANDLE,
    ),
    "network-address": (Category.IPV4_ADDRESS, Category.IPV6_ADDRESS, Category.MAC_ADDRESS),
    "host": (Category.HOSTNAME, Category.DOMAIN_NAME, Category.URL),
    "account": (Category.USERNAME, Category.ACCOUNT_ID),
    "device": (Category.DEVICE_ID, Category.VEHICLE_ID),
    "location": (Category.GPS_POSITION,),
    "official-id": (Category.NATIONAL_ID, Category.PASSPORT, Category.DATE_OF_BIRTH),
    "financial": (Category.IBAN, Category.PAYMENT_CARD, Category.CRYPTO_WALLET),
    "secret": (Category.PASSWORD, Category.API_KEY, Category.SESSION_TOKEN),
    "communication": (Category.MESSAGE_CONTENT, Category.TRAFFIC_DATA),
    "special-category": (
        Category.HEALTH,
        Category.ETHNICITY,
        Category.RELIGION,
        Category.POLITICS,
        Category.TRADE_UNION,
        Category.SEXUAL_ORIENTATION,
        Category.BIOMETRIC,
        Category.GENETIC,
        Category.CRIME_VICTIM,
    ),
    "criminal-offence": (Category.OFFENCE,),
    "privileged": (Category.PRIVILEGED,),
    "trade-secret": (Category.TRADE_SECRET,),
    "unreadable": (Category.UNREADABLE,),
}
_FAMILY = {category: family for family, members in FAMILIES.items() for category in members}


class Tlp(IntEnum):
    """TLP 2.0 labels, most open first. UNKNOWN is a marking nobody can read: it ranks above RED."""

    CLEAR = 0
    GREEN = 1
    AMBER = 2
    AMBER_STRICT = 3
    RED = 4
    UNKNOWN = 5

    @property
    def label(self) -> str:
        return "unknown marking" if self is Tlp.UNKNOWN else "TLP:" + self.name.replace("_", "+")

    @property
    def word(self) -> str:
        """As agreements write it: `amber+strict`."""
        return self.name.lower().replace("_", "+")

    @classmethod
    def of(cls, word: str) -> Tlp:
        """The label an agreement's word names. Raises: KeyError for any other word."""
        return {level.word: level for level in cls if level is not cls.UNKNOWN}[word]
