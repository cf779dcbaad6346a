"""What stands under a label: `Label: value` lines, columns, properties and object relations, in all the languages."""
# ruff: noqa: E501, RUF001  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Iterator

from comity.canon import Category, Role
from comity.privacy.detectors.account import generic
from comity.privacy.detectors.email import FUNCTIONS
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.person import name_shape
from comity.privacy.detectors.shape import PROSE, Detector, Found, Place
from comity.privacy.detectors.words import category_of_label, role_of_label

_SEPARATORS = ":：=\t"
_BEFORE_LABEL = ("\n", ";", "|", ",", "(", "（", ". ", ".\t", "  ", "\t")
_BULLETS = " \t*->#•·0123456789.)\u200f"
_LONGEST_LABEL = 42  # code points
_LONGEST_VALUE = 200
_ENDS = Linear(r"[;|,(（、，،]| / | - | – |\s\s|\. ")
_VALUE_SHAPES = {
    Category.USERNAME: Linear(r"[\pL\pN_][\pL\pN._-]+"),
    Category.HOSTNAME: Linear(r"[\pL\pN][\pL\pN'’_-][\pL\pN'’_-]+"),
    Category.ACCOUNT_ID: Linear(r"[\pL]{0,4}[ #-]?[\pN][\pL\pN./-][\pL\pN./-][\pL\pN./-]+|S-1-5-21-[0-9-]+"),
    Category.DEVICE_ID: Linear(r"[\pL\pN][\pL\pN-][\pL\pN-][\pL\pN-][\pL\pN-][\pL\pN-]+"),
    Category.VEHICLE_ID: Linear(r"[\pL\pN]{1,4}(?:[ ·.-]{1,2}[\pL\pN]{1,5}){0,4}"),
    Category.NATIONAL_ID: Linear(r"[A-Za-z]{0,6}[ -]?[\pN](?:[ ./-]?[\pL\pN]){5,20}"),
    Category.PASSPORT: Linear(r"[A-Z]{0,3}[ ]?[0-9][0-9A-Z]{4,10}|[A-Z0-9]{7,10}"),
    Category.SOCIAL_HANDLE: Linear(r"@?[A-Za-z0-9][A-Za-z0-9_.#-]{2,40}"),
    Category.POSTAL_ADDRESS: Linear(r"[^;|\n][^;|\n][^;|\n][^;|\n][^;|\n][^;|\n]+"),
    Category.SESSION_TOKEN: Linear(r"[0-9A-Za-z._~+/%-]{16,}=*"),
    Category.API_KEY: Linear(r"[0-9A-Za-z._~+/-]{16,}=*"),
    Category.PAYMENT_CARD: Linear(r"[0-9]{3,4}"),
}
_INLINE = (
    # A passport or an account number is written beside its word in running text as well.
    (Category.PASSPORT, Linear(
        r"(?i:passports?(?: (?:number|no\.?|nr))?|reisepass(?:nummer|-nr\.?)?|passnummer|passeport|pasaporte|passaporte|paszport(?:u)?|паспорт\pL*|旅券(?:番号)?|パスポート(?:番号)?|pasaport(?: no| numarası)?|جواز(?: سفر| السفر)?|passi number)"
        r"(?i:[\s:=#(「]{1,3}(?:n[oº°r]?[.:º°]?|number|numéro|número|numer|номер|رقم|серія)?[\s:]{0,2})([A-Z\p{Cyrillic}]{0,3} ?[0-9][0-9A-Z]{5,9}|[A-Z]{1,4}[0-9][0-9A-Z]{5,9})\b"), 0.92),
    (Category.ACCOUNT_ID, Linear(
        r"(?i:(?:customer|client|employee|staff|personnel|patient|member(?:ship)?|policy|booking|reservation|subscriber|student|contract|account|insurance|meeting|loyalty|medical record)\s?-?(?:id|no\.?|number|nr\.?|reference|ref)|\bmrn|\bpnr|"
        r"personalnummer|kundennummer|patientennummer|versichertennummer|vertragsnummer|matrikelnummer|numéro (?:de )?(?:client|patient|salarié)|matricule|número de (?:cliente|paciente|empleado|funcionário|utente)|numer (?:klienta|pracownika|pacjenta)|номер (?:клієнта|пацієнта)|табельний номер|社員番号|顧客番号|患者番号|会員番号|(?:müşteri|personel|sicil|hasta) no|رقم (?:العميل|الموظف|المريض)|الرقم الوظيفي|(?:kliendi|patsiendi|töötaja) number)"
        r"[\s:=#(「は]{1,3}([A-Z]{0,5}[-#]?[0-9][0-9A-Z/-]{3,20})\b"), 0.9),
)  # fmt: skip


def find(text: str, place: Place) -> Iterator[Found]:
    for at in _separators(text):
        if text[at + 1 : at + 3] == "//":
            continue
        head = text[max(0, at - _LONGEST_LABEL) : at]
        label = head[max(head.rfind(mark) + len(mark) if mark in head else 0 for mark in _BEFORE_LABEL) :]
        label = label.lstrip(_BULLETS).rstrip()
        if not label or not label[0].isalpha():
            continue
        category = category_of_label(label)
        if category is None:
            continue
        end = text.find("\n", at + 1, at + 1 + _LONGEST_VALUE)
        value = text[at + 1 : end if end >= 0 else at + 1 + _LONGEST_VALUE]
        lead = len(value) - len(value.lstrip(" \t"))
        if value.strip():
            yield from _under(text, at + 1 + lead, value[lead:], category, role_of_label(label))


def find_inline(text: str, place: Place) -> Iterator[Found]:
    for category, pattern, confidence in _INLINE:
        for match in pattern.finditer(text):
            if any(c.isdecimal() for c in match.group(1)):
                yield Found(
                    match.start(1),
                    match.end(1),
                    category,
                    confidence,
                    "a number after a word for it",
                    match.group(1).casefold(),
                )


def _separators(text: str) -> Iterator[int]:
    for mark in _SEPARATORS:
        at = text.find(mark)
        while at >= 0:
            yield at
            at = text.find(mark, at + 1)


def find_cell(text: str, place: Place) -> Iterator[Found]:
    """A cell, attribute or property whose column, relation or name says what it is."""
    category = category_of_label(place.label)
    if category is None:
        return
    yield from _under(text, 0, text, category, None, whole=True)


def _under(  # noqa: PLR0912  one branch a category
    text: str, start: int, value: str, category: Category, role: Role | None, *, whole: bool = False
) -> Iterator[Found]:
    lead = len(value) - len(value.lstrip(" \t\"'「“„«<[("))
    start, value = start + lead, value[lead:]
    if category is Category.PERSON_NAME:
        size = name_shape(value)
        if size:
            yield Found(
                start, start + size, category, 0.9, "a name under a label for one", value[:size].casefold(), role
            )
        return
    if category is Category.PASSWORD:
        said = (value if whole else value.split(" ", 1)[0]).rstrip()
        if (
            len(said) >= 3
            and said[0] not in "/\\"
            and said.casefold()
            not in {
                "none",
                "null",
                "password",
                "yes",
                "no",
                "n/a",
                "true",
                "false",
                "reset",
            }
        ):
            yield Found(start, start + len(said), category, 0.9, "what stands under a label for a password", said, role)
        return
    if category is Category.USERNAME and not whole and (size := name_shape(value)) and " " in value[:size]:
        yield Found(
            start,
            start + size,
            Category.PERSON_NAME,
            0.88,
            "a name under a label for a user",
            value[:size].casefold(),
            role,
        )
        return
    shape = _VALUE_SHAPES.get(category)
    if shape is None:
        return
    said = (
        value.rstrip() if whole or category is Category.POSTAL_ADDRESS else _ENDS.split(value)[0].rstrip(" .\"'」”»>])")
    )
    match = shape.match(said)
    if match is None or (whole and match.end() < len(said)):
        return
    said = match.group()
    if category is Category.POSTAL_ADDRESS and not (
        any(c.isdecimal() for c in said) and any(c.isalpha() for c in said)
    ):
        return
    if category in _DIGITS and not any(c.isdecimal() for c in said):
        return
    if category is Category.USERNAME:
        after = text[start + len(said) : start + len(said) + 1]
        if generic(said) or after in {"@", "\\"} or said.casefold() in FUNCTIONS:
            return
        if (
            " " in value.strip()[len(said) : len(said) + 2]
            and value[len(said) + 1 : len(said) + 2].isalpha()
            and not whole
        ):
            return  # "User says ...": prose, not a form
    if category is Category.HOSTNAME and (
        text[start + len(said) : start + len(said) + 1] == "."
        or (not whole and " " in value[len(said) : len(said) + 1] and value[len(said) + 1 : len(said) + 2].isalpha())
        or (said.isalpha() and said.islower())
    ):
        return
    yield Found(
        start, start + len(said), category, 0.88, "a value under a label for it", said.casefold(), role, named=True
    )


_DIGITS = frozenset(
    {Category.ACCOUNT_ID, Category.DEVICE_ID, Category.VEHICLE_ID, Category.NATIONAL_ID, Category.PASSPORT}
)
_NUMBERED = r"(?i)passport|reisepass|passnummer|passeport|pasaporte|passaporte|paszport|паспорт|旅券|パスポート|pasaport|جواز|passi number|-?(?:id|no\.?|number|nr\.?|ref) |mrn|pnr|nummer|matricule|número|numéro|numer|номер|番号|رقم| no "
LINE = Detector("labelled-line", 1, r"[:：=\t]", find, PROSE)
INLINE = Detector("labelled-number", 1, _NUMBERED, find_inline, PROSE)
CELL = Detector("labelled-cell", 1, "", find_cell, frozenset({"value"}))
