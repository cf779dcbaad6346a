"""Special categories (GDPR Art. 9(1)), offences (Art. 10), privilege and trade secrets, by the words people use.

A word of health or faith alone tells nothing of a person: a campaign against clinics is not a diagnosis. So a term in
prose counts where a person is near it; how near sets the confidence.
"""
# ruff: noqa: E501, RUF001  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from comity.canon import Category
from comity.privacy.detectors.linear import Linear, escape
from comity.privacy.detectors.packaged import packaged
from comity.privacy.detectors.shape import NEEDS_COMPANY, PROSE, Detector, Found, Place

_SUBJECT = Linear(
    r"(?i)\b(?:she|he|her|his|him|who|whose|patient|employee|victim|user|customer|client|member|wife|husband|son|daughter|mother|father|person|"
    r"subject|diagnos\pL*|suffers?|record|note|file|i have|i am|my|"
    r"sie|er|ihr|ihre|sein|seine|patientin|mitarbeiterin?|diagnose|leidet|akte|elle|il|son|sa|patiente?|salariée?|diagnostic|souffre|dossier|"
    r"ella|él|su|paciente|empleada?|diagnóstico|sufre|padece|expediente|ela|ele|sua|seu|utente|sofre|processo|ona|on|jej|jego|pacjent\pL*|pracowni\pL*|diagnoza|rozpoznanie|cierpi|choruje|"
    r"вона|він|її|його|пацієнт\pL*|працівни\pL*|діагноз|хворіє|справа|o|onun|hasta\pL*|çalışan\pL*|tanı\pL*|teşhis\pL*|ta|tema|patsient\pL*|töötaja\pL*|diagnoos)\b|"
    r"患者|彼女|彼|社員|職員|診断|病歴|備考|هو|هي|المريض|المريضة|الموظف|الموظفة|تشخيص|التشخيص|يعاني|تعاني|مصاب|مصابة|انه|أنها"
)
_DIAGNOSIS = Linear(
    r"(?i)(?:\b(?:diagnosis|diagnosed with|diagnose|diagnostic médical|diagnóstico|diagnosis médica|rozpoznanie|diagnoza|tanı|teşhis|diagnoos|diagnosi)|діагноз|診断(?:名)?|病名|التشخيص|تشخيص)"
    r"(?:\s?[:=：]\s?|\s(?:is |was |of |ist |: )?)([\pL][\pL'’ -]{2,40}[\pL])"
)
_REACH = 80  # code points on either side in which a subject is looked for
_PROTECTED = {Category.PRIVILEGED, Category.TRADE_SECRET}
_TECHNICAL = Linear(
    r"(?i)\b(?:malware|ransomware|campaign|adversar\pL+|threat (?:actor|group)|sector|industr\pL+|organi[sz]ations?|companies|hospitals?|institutions?)\b"
)


@cache
def _patterns() -> tuple[tuple[Category, Linear], ...]:
    found = []
    for name, table in packaged("detectors/data/terms.toml").items():
        if name == "version":
            continue
        spaced = [t for t in table["terms"] if not _ideographic(t)]
        solid = [t for t in table["terms"] if _ideographic(t)]
        pattern = r"(?:^|[^\pL\pN_])(" + "|".join(sorted(spaced, key=len, reverse=True)) + r")(?:$|[^\pL\pN_])"
        if solid:
            pattern += "|(" + "|".join(sorted(solid, key=len, reverse=True)) + ")"
        found.append((Category(name), Linear("(?i)" + pattern)))
    return tuple(found)


@cache
def _any() -> Linear:
    """The literal beginnings of all terms: one small automaton that most texts never leave."""
    stems = {
        said.group().casefold()
        for name, table in packaged("detectors/data/terms.toml").items()
        if name != "version"
        for term in _opened(table["terms"])
        if (said := _LITERAL.match(term)) is not None
    }
    words = sorted((escape(stem) for stem in stems if stem[0].isascii()), key=len, reverse=True)
    others = sorted((escape(stem) for stem in stems if not stem[0].isascii()), key=len, reverse=True)
    return Linear(r"\b(?:" + "|".join(words) + ")|" + "|".join(others))


def _opened(terms: list[str]) -> Iterator[str]:
    """Terms without a leading alternative: `(?:a|b) c` as `a c` and `b c`."""
    for term in terms:
        if term.startswith("(?:"):
            inner, _, rest = term[3:].partition(")")
            optional = rest.startswith("?")
            rest = rest.removeprefix("?")
            yield from (part + rest for part in inner.split("|"))
            if optional:
                yield rest
        else:
            yield term


_LITERAL = Linear(r"[^(\[\\.?+*|]{1,}")


def find(text: str, place: Place) -> Iterator[Found]:
    for match in _DIAGNOSIS.finditer(text):
        if _TECHNICAL.search(match.group(1)) is not None:
            continue
        yield Found(
            match.start(1),
            match.end(1),
            Category.HEALTH,
            0.9,
            "what stands after a word for a diagnosis",
            match.group(1).casefold(),
        )
    if _any().search(text.casefold()) is None:
        return
    for category, pattern in _patterns():
        for match in pattern.finditer(text):
            group = 1 if match.group(1) is not None else 2
            start, end = match.span(group)
            value = match.group(group).casefold()
            if category in _PROTECTED:
                yield Found(start, end, category, 0.85, "a marking of protected content", value)
                continue
            confidence = _about_a_person(text, start, end, place)
            if confidence:
                yield Found(start, end, category, confidence, "a term of a special category near a person", value)


def _about_a_person(text: str, start: int, end: int, place: Place) -> float:
    label = place.label.replace("_", " ")
    if label and _SUBJECT.search(label) is not None and place.label not in {"description", "name", "content"}:
        return 0.9
    around = text[max(0, start - _REACH) : start] + "\n" + text[end : end + _REACH]
    if _SUBJECT.search(around) is None:
        return NEEDS_COMPANY if _TECHNICAL.search(around) is None else 0.0
    return 0.6 if _TECHNICAL.search(around) is not None else 0.88


def _ideographic(term: str) -> bool:
    return any("\u3040" <= c <= "\u9fff" for c in term)


DETECTOR = Detector("special-category", 1, "", find, PROSE | {"value"})
