"""Django's settings, made from the node's folder (`COMITY_NODE`): no default secret, and no debug mode."""

from __future__ import annotations

from urllib.parse import urlsplit

from comity.node import APPS, keyring
from comity.node.config import current
from comity.node.databases import databases

NODE = current()
_KEYS = keyring.held()
_HOST = urlsplit(NODE.url).hostname or ""

SECRET_KEY = _KEYS.sessions.hex()
DEBUG = False
ALLOWED_HOSTS = [_HOST]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
ROOT_URLCONF = "comity.node.urls"
WSGI_APPLICATION = "comity.node.wsgi.application"
APPEND_SLASH = False  # a TAXII path without its slash is another path
DATABASES = databases(NODE)
DATABASE_ROUTERS = ["comity.node.databases.KeysApart"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    # First, so that our templates stand in for allauth's of the same name.
    *(f"comity.node.{name}" for name in APPS),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.idp.oidc",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    # First, so that what partners ask for meets neither cookies nor sessions.
    "comity.node.wire.Wire",
    "comity.node.headers.Headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    # Last, so that it knows the view: pages are for sessions with a second factor, unless a view says otherwise.
    "comity.node.people.session.WholeSessions",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "comity.node.headers.node_context",
            ]
        },
    }
]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True

# Cookies: of this host alone, never by script, never from another site (attack A48).
_TLS = urlsplit(NODE.url).scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 3600  # `people.session` has the limits of SP 800-63B-4
CSRF_TRUSTED_ORIGINS = [NODE.url]
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _TLS and not NODE.development else 0

# People sign in with a password and a second factor, or a passkey; who has neither can do nothing (see `people`).
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "comity.node.people.signing_in.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
# Tries, counted across workers (attack A40). `people.tries` counts codes a second time, and for longer.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/5m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn"]  # no recovery codes: recovery is a second passkey, or a new account
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}
MFA_TOTP_ISSUER = f"Comity {NODE.name}"
MFA_TOTP_TOLERANCE = 1
MFA_ADAPTER = "comity.node.people.signing_in.SecondFactors"
MFA_FORMS = {
    "authenticate": "comity.node.people.codes.SignInCode",
    "reauthenticate": "comity.node.people.codes.AgainCode",
    "activate_totp": "comity.node.people.codes.FirstCode",
    "add_webauthn": "comity.node.people.passkeys.NewPasskey",
    "login_webauthn": "comity.node.people.passkeys.SignInPasskey",
    "authenticate_webauthn": "comity.node.people.passkeys.SecondPasskey",
    "reauthenticate_webauthn": "comity.node.people.passkeys.AgainPasskey",
}
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "/accounts/login/"

# Programs: a person's own token by the device flow; partners' other tools by client credentials.
IDP_OIDC_ADAPTER = "comity.node.people.tokens.Tokens"
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 8 * 3600
IDP_OIDC_ACCESS_TOKEN_FORMAT = "opaque"  # noqa: S105 -- a format's name
IDP_OIDC_DEVICE_CODE_INTERVAL = 1
IDP_OIDC_RATE_LIMITS = {"device_code": "60/m/ip", "device_user_code": "20/m/user", "client_secret": "30/5m/ip"}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "counters",  # the table of people.models.Counter
        "OPTIONS": {"MAX_ENTRIES": 200_000},  # beyond, counters of tries would be thrown out to make room
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024  # bodies are read whole; each route sets its own lower limit
LOGGING_CONFIG = "comity.node.logs.configure"
LOGGING = {"version": 1}  # Django does not call it with an empty one
