"""Secrets: keys and tokens by the formats their issuers publish, and what stands after a word for a password."""
# ruff: noqa: E501, RUF001, SIM905  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Iterator

from comity.canon import Category
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import Detector, Found, Place

_KEYS = Linear(
    r"\b(?:AKIA|ASIA|AIDA|AROA)[0-9A-Z]{16}\b|\bgh[pousr]_[0-9A-Za-z]{36,}|\bgithub_pat_[0-9A-Za-z_]{22,}|\bglpat-[0-9A-Za-z_-]{20,}|"
    r"\bxox[abeoprs]-[0-9A-Za-z-]{10,}|\b[sr]k_(?:live|test)_[0-9A-Za-z]{16,}|\bsk-(?:proj-|ant-)?[0-9A-Za-z_-]{20,}|\bAIza[0-9A-Za-z_-]{35}|\bya29\.[0-9A-Za-z_-]{20,}|"
    r"\bnpm_[0-9A-Za-z]{36}|\bpypi-[0-9A-Za-z_-]{16,}|\bSG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}|\bdop_v1_[0-9a-f]{64}|\bhf_[0-9A-Za-z]{30,}|"
    r"\bhttps://hooks\.slack\.com/services/[0-9A-Za-z/]{20,}|\b[0-9]{8,10}:AA[0-9A-Za-z_-]{33}|\bSK[0-9a-f]{32}\b|\bkey-[0-9a-f]{32}\b|\bshp(?:at|ss|pa)_[0-9a-fA-F]{32}\b"
)
_PRIVATE = Linear(
    r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----(?s:.)*?-----END (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----"
)
_JWT = Linear(r"\beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*")
_BEARER = Linear(r"(?i)\b(?:bearer|basic)\s+([0-9A-Za-z._~+/-]{16,}=*)")
_SESSION = Linear(
    r"(?i)(?:\b(?:jsessionid|phpsessid|asp\.net_sessionid|connect\.sid|laravel_session|session[_ -]?(?:id|key|token|cookie)?|sess(?:id)?|csrftoken|"
    r"(?:access|refresh|auth|id|session|app|device)[_ -]token|token|set-cookie|c_user|xs|sid|__secure-[0-9a-z]+|li_at|auth_token|"
    r"sitzungs-?cookie|cookie de (?:session|sesión|sessão)|(?:ciasteczko|cookie) sesji|сесійн\pL+ cookie|cookie сесії|oturum çerezi|küpsis|cookie)|"
    r"セッション(?:クッキー|cookie|id)?|ملف تعريف (?:الارتباط|الجلسة)|رمز الجلسة|كوكي الجلسة)[\s:=\"'「]{1,4}([0-9A-Za-z][0-9A-Za-z._~+/%-]{15,}=*)"
)
_API = Linear(
    r"(?i)\b(?:api[_ -]?key|api[_ -]?token|client[_ -]?secret|secret[_ -]?(?:access[_ -]?)?key|aws_secret_access_key|access[_ -]?key|app[_ -]?secret|secret)[\s:=\"']{1,4}([0-9A-Za-z_/+.-]{16,}=*)"
)
_WORD = (
    r"(?:\b(?:passwords?|passwd|pwd|pass(?:word|phrase|code)?|pw|pin(?: code)?|otp|one-time (?:code|password)|(?:verification|mfa|2fa|sms|security|login) code|"
    r"kennwort|passwort|einmal(?:code|kennwort|passwort)|tan|mot de passe|mdp|contraseña|clave|código(?: sms)?|senha|palavra-passe|hasło|haslo|kod(?: sms)?|parola(?:sı)?|şifre(?:si)?|sms kodu|parool|salasõna|wachtwoord|lösenord)|"
    r"парол(?:ь|я|ем)|код підтвердження|パスワード|暗証番号|認証コード|كلمة (?:المرور|السر)|الرقم السري|رمز التحقق)"
)
_PASSWORD = Linear(
    rf"(?i){_WORD}(?:\s?(?:[:=]|：|は|「|\"|')\s?|\s(?:is|was|of|ist|war|lautet|est|était|es|era|é|foi|to|brzmi|on|oli|були|був|هي|كانت|هو)\s)[\"'「“]?(\S{{3,64}})"
)
_PASSWORD_BARE = Linear(rf"(?i){_WORD}\s[\"'「“(]?(\S{{4,64}})")
# Command lines that carry one: net use, sqlplus, curl, mysql, psexec ...
_COMMAND = Linear(
    r"(?i)(?:/user:\S+|\s-u\s?\S+\s-p)\s([^\s/\"'-]\S{3,63})|\s(?:--password[= ]|/p(?:ass(?:word)?)?:|-p(?:ass)? )[\"']?([^\s\"'-]\S{3,63})"
)
_HASH = Linear(
    r"\$(?:2[abxy]\$[0-9]{2}|[156y]|argon2(?:id|i|d)|apr1|P|S)\$[./0-9A-Za-z$,=+]{16,}|\{SSHA(?:256|512)?\}[A-Za-z0-9+/=]{20,}|\b[0-9a-fA-F]{32}:[0-9a-fA-F]{32}\b"
)
_STOP = frozenset(
    "the a an and or in on for from by was is are to of reset changed stolen leaked policy manager spray spraying hash hashes dump dumps stealer null none true false".split()
)


def find(text: str, place: Place) -> Iterator[Found]:
    for match in _KEYS.finditer(text):
        yield Found(
            match.start(), match.end(), Category.API_KEY, 0.97, "the published format of a key or token", match.group()
        )
    for match in _PRIVATE.finditer(text):
        yield Found(match.start(), match.end(), Category.API_KEY, 0.99, "a private key in PEM armour", match.group())
    for match in _JWT.finditer(text):
        yield Found(match.start(), match.end(), Category.SESSION_TOKEN, 0.96, "a JSON Web Token", match.group())
    for match in _BEARER.finditer(text):
        yield Found(
            match.start(1),
            match.end(1),
            Category.SESSION_TOKEN,
            0.93,
            "a token after the name of an authentication scheme",
            match.group(1),
        )
    for match in _SESSION.finditer(text):
        if _random(match.group(1)):
            yield Found(
                match.start(1),
                match.end(1),
                Category.SESSION_TOKEN,
                0.9,
                "a token after a word for a session",
                match.group(1),
            )
    for match in _API.finditer(text):
        if _random(match.group(1)):
            yield Found(
                match.start(1), match.end(1), Category.API_KEY, 0.9, "a key after a word for one", match.group(1)
            )


def find_password(text: str, place: Place) -> Iterator[Found]:
    for match in _HASH.finditer(text):
        yield Found(match.start(), match.end(), Category.PASSWORD, 0.93, "a stored password hash", match.group())
    for match in _COMMAND.finditer(text):
        group = 1 if match.group(1) is not None else 2
        said = match.group(group)
        if said not in {"*"} and not said.isalpha():
            yield Found(
                match.start(group), match.end(group), Category.PASSWORD, 0.9, "the password of a command line", said
            )
    for pattern, sure in ((_PASSWORD, True), (_PASSWORD_BARE, False)):
        for match in pattern.finditer(text):
            start, said = match.start(1), match.group(1)
            kept = _closed(said)
            if (
                len(kept) < 3
                or kept.casefold() in _STOP
                or kept.startswith(("http", "<", "{", "%", "(", "[", "/", "\\"))
                or "](" in kept
                or kept.endswith("()")
            ):
                continue
            mixed = any(c.isdecimal() for c in kept) or any(not c.isalnum() for c in kept[:-1].replace("-", ""))
            if mixed or (sure and match.group()[: match.start(1) - match.start()].rstrip()[-1:] in ":=：\"'「"):
                yield Found(
                    start,
                    start + len(kept),
                    Category.PASSWORD,
                    0.92 if mixed else 0.82,
                    "what stands after a word for a password",
                    kept,
                )


def _closed(said: str) -> str:
    """Without the punctuation of the sentence around it. A password may end in punctuation; one mark is the sentence's."""
    for mark in "\"'」”、,;،":
        if mark in said:
            said = said.split(mark, 1)[0] if mark in "\"'」”、،" else said.rstrip(mark)
    said = said.rstrip(",;")
    if said.endswith(")") and "(" not in said:
        said = said[:-1]
    return said.removesuffix(".")


def _random(said: str) -> bool:
    """Whether a token looks made by a machine: digits and letters mixed, no word."""
    return any(c.isdecimal() for c in said) and any(c.isalpha() for c in said)


SECRET = Detector(
    "secret",
    1,
    r"(?i)"
    + "|".join(
        (
            r"(?:AKIA|ASIA|AIDA|AROA)[0-9A-Z]{16}",
            r"gh[pousr]_",
            r"github_pat_",
            r"glpat-",
            r"xox[abeoprs]-",
            r"[sr]k_(?:live|test)_",
            r"\bsk-",
            r"AIza",
            r"ya29\.",
            r"npm_",
            r"pypi-",
            r"SG\.",
            r"dop_v1_",
            r"hf_",
            r"hooks\.slack",
            r":AA",
            r"\bSK[0-9a-f]{32}",
            r"key-",
            r"shp(?:at|ss|pa)_",
            r"PRIVATE KEY",
            r"eyJ",
            r"bearer",
            r"\bbasic\b",
            r"token",
            r"cookie",
            r"sess",
            r"sid",
            r"secret",
            r"api[_ -]?key",
            r"access[_ -]?key",
            r"c_user",
            r"xs\b",
            r"li_at",
            r"セッション",
            r"الجلسة",
            r"الارتباط",
            r"сесі",
            r"çerez",
            r"küpsis",
        )
    ),
    find,
)
PASSWORD = Detector(
    "password",
    1,
    rf"(?i){_WORD}|/user:| -u|--password|/p:| -p |\$[0-9a-zA-Z]{{1,8}}\$|\{{SSHA|[0-9a-f]{{32}}:[0-9a-f]{{32}}",
    find_password,
)
