"""Dates of birth: a date beside a word that says so. A date alone is not one."""
# ruff: noqa: E501, RUF001  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from comity.canon import Category
from comity.privacy.detectors.linear import Linear, escape
from comity.privacy.detectors.shape import PROSE, Detector, Found, Place
from comity.privacy.detectors.words import category_of_label, label_table

_MONTHS = (
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec "
    "januar februar märz mai juni juli oktober dezember janvier février mars avril juin juillet août septembre octobre novembre décembre "
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre janeiro fevereiro março maio junho julho setembro outubro novembro dezembro "
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia "
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня "
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık "
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر "
    "jaanuar veebruar märts aprill juuni juuli oktoober detsember gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre"
)
_MONTH = "|".join(sorted(set(_MONTHS.split()), key=len, reverse=True))
DATE = (
    r"(?:(?:0?[1-9]|[12][0-9]|3[01])[./ -](?:0?[1-9]|1[0-2])[./ -](?:19|20)?[0-9]{2}|(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12][0-9]|3[01])/(?:19|20)[0-9]{2}|"
    r"(?:19|20)[0-9]{2}[./-](?:0?[1-9]|1[0-2])[./-](?:0?[1-9]|[12][0-9]|3[01])|(?:19|20)[0-9]{2}年\s?[0-9]{1,2}月\s?[0-9]{1,2}日|(?:昭和|平成|令和)[0-9元]{1,2}年[0-9]{1,2}月[0-9]{1,2}日|"
    rf"(?:0?[1-9]|[12][0-9]|3[01])\.?(?:st|nd|rd|th|er)?\s(?:de\s|of\s)?(?:{_MONTH})\.?,?\s(?:de\s)?(?:19|20)[0-9]{{2}}|(?:{_MONTH})\.?\s(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?,?\s(?:19|20)[0-9]{{2}})"
)
_WHOLE = Linear(rf"(?i){DATE}")


@cache
def _after_cue() -> Linear:
    words = sorted((w for w, c in label_table().items() if c is Category.DATE_OF_BIRTH), key=len, reverse=True)
    separating = "|".join(escape(w).replace(r"\ ", r"[\s_.-]{1,2}") for w in words if w.isascii() or w[0] not in "生誕")
    return Linear(
        rf"(?i)(?:\b(?:{separating}|born on|b\.|geb\.|ur\.|née?|nac\.|nasc\.|d\.?o\.?b\.?|narozen[ýa]?|нар\.|р\.н\.|age[d]?|dogum)[^0-9\n]{{0,24}}?|(?:生年月日|誕生日|تاريخ الميلاد|تاريخ ميلاده|تاريخ ميلادها|مواليد|مولود)[^0-9昭平令\n]{{0,16}}?)({DATE})"
    )


_BEFORE_CUE = Linear(rf"(?i)({DATE})\s?(?:\(?(?:dob|date of birth)\)?|р\. ?н\.|生まれ|生\b|doğumlu|року народження)")
# "Jane Doe, 4 May 1962, 12 High Street": the date that follows a name in a record
_RECORD = Linear(
    rf"(?-i:\p{{Lu}}[\pL'’.-]+\s\p{{Lu}}[\pL'’-]+(?:, \(?| \())(?i:({DATE.replace('(?i)', '')}))(?:[,;)]|$)"
)
_DIGITS = Linear(r"[0-9]+")
_ASKED = Linear(
    r"(?i)(?:date of birth|birthday|geburtsdatum|date de naissance|fecha de nacimiento|data de nascimento|data urodzenia|дат[аиу] народження|生年月日|doğum tarihi|تاريخ الميلاد|sünnikuupäev)[^0-9]*$"
)


def find(text: str, place: Place) -> Iterator[Found]:
    for pattern in (_after_cue(), _BEFORE_CUE):
        for match in pattern.finditer(text):
            yield _found(match.start(1), match.end(1), match.group(1))
    for match in _RECORD.finditer(text):
        if 1920 <= _year(match.group(1)) <= 2015:
            yield _found(match.start(1), match.end(1), match.group(1))._replace(
                confidence=0.82, why="a date after a person's name in a record"
            )
    for match in _WHOLE.finditer(text):
        if _ASKED.search(text[max(0, match.start() - 120) : match.start()]) is not None:
            yield _found(match.start(), match.end(), match.group())


def find_cell(text: str, place: Place) -> Iterator[Found]:
    if category_of_label(place.label) is Category.DATE_OF_BIRTH and _WHOLE.fullmatch(text.strip()) is not None:
        yield _found(0, len(text), text)


def _year(said: str) -> int:
    return max((int(run) for run in _DIGITS.findall(said) if len(run) == 4), default=0)


def _found(start: int, end: int, said: str) -> Found:
    return Found(start, end, Category.DATE_OF_BIRTH, 0.93, "a date beside a word for birth", said.strip())


CELL = Detector("date-of-birth-cell", 1, "", find_cell, frozenset({"value"}))
DETECTOR = Detector(
    "date-of-birth",
    1,
    r"(?i)birth|born|\bdob\b|d\.o\.b|gebor|geburt|geb\.|\bnée?\b|naiss|nacid|nacim|\bnac\.|nascid|nascim|nasc\.|urodz|\bur\.|народ|нар\.|р\.н|生|doğum|dogum|ميلاد|مواليد|مولود|sünd|sünn|geboorte|nascita|narozen|"
    r"(?-i:\p{Lu}[\pL'’-]+(?:, \(?| \())(?:[0-9]{1,4}[./ -]|[\pL]+ [0-9])",
    find,
    PROSE | {"value"},
)
