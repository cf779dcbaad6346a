"""Names of people, from structure first (display names, titles, salutations, signatures), then lists and cues.

There is no model here: a name that stands bare in prose is found when one of its parts is a known name or a word
beside it says that a person follows. What the lists do not know and nothing announces is missed, and docs say so.
"""
# ruff: noqa: E501, RUF001  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from comity.canon import Category, Role
from comity.privacy.detectors import person_accounts as accounts
from comity.privacy.detectors.linear import Linear, escape
from comity.privacy.detectors.names import NOT_NAMES, family_names, given_names, japanese_family, known_given
from comity.privacy.detectors.shape import Detector, Found, Place
from comity.privacy.detectors.words import category_of_label

# A part of a name: capitalised (É, Ø, Щ ...), with apostrophe and hyphen; initials; small particles between.
_PART = r"(?:\p{Lu}[\p{Ll}\p{M}]*(?:['’ʼ`-]\p{Lu}?[\p{Ll}\p{M}]+)*(?:\p{Lu}[\p{Ll}\p{M}]+)?)"
_PARTICLE = r"(?:(?:van der|van den|van de|von der|von dem|de la|de los|de las|van|von|vom|zu|zur|de|da|do|dos|das|di|del|della|du|des|le|la|el|al|bin|bint|ibn|ben|y|e|ter|ten|af|av|St\.)\s|(?:d['’]|O['’]|Mc|Mac|El-|Al-|al-))"
_INITIAL = r"\p{Lu}\."
_LATIN = rf"(?:{_PART}|{_INITIAL})(?:[ \x{{00a0}}](?:{_PARTICLE})?(?:{_PART}|{_INITIAL})){{1,3}}"
_SEQUENCE = Linear(rf"\b{_LATIN}")
_SURNAME_FIRST = Linear(rf"\b({_PART}(?:[ -]{_PART})?), ({_PART}(?: (?:{_PART}|{_INITIAL}))?)\b")
_ARABIC = Linear(r"[\p{Arabic}]{2,}(?: (?:(?:ال|آل |أبو |بن |عبد ال|عبد )?[\p{Arabic}]{2,})){1,3}")
_HAN = Linear(r"[\p{Han}々ヶ]{1,4}[ \x{3000}]?[\p{Han}\p{Hiragana}\p{Katakana}々]{1,4}")

_TITLE = Linear(
    r"(?:\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Madam|Herrn?|Frau|Fr\.|Hr\.|Dipl\.-Ing\.|M\.|Mme|Mlle|Monsieur|Madame|Mademoiselle|Me|Sr|Sra|Srta|Señora?|Don|Doña|Dra?|Senhora?|Exm[oa]|Pan|Pani|Państwo|Pan[ai]|Пан|Пані|Г-н|Г-жа|Sayın|Bay|Bayan|Härra|Proua|Sig|Signora?|Dott|Dhr|Mevr|Hr|Eng)\.?\s"
    rf"|(?:السيد|السيدة|الدكتور|الدكتورة|الأستاذ|الأستاذة|المهندس|المهندسة)\s)((?:(?:{_PARTICLE})?(?:{_PART}|{_INITIAL})(?:\s(?:{_PARTICLE})?(?:{_PART}|{_INITIAL})){{0,3}})|(?:[\p{{Arabic}}]{{2,}}(?: [\p{{Arabic}}]{{2,}}){{0,2}}))"
)
_SALUTATION = Linear(
    r"(?:^|\n|[.!?\"“>] ?)\s*(?:Dear|Hi|Hello|Hey|Good (?:morning|afternoon|evening),?|Greetings,?|Hallo|Liebe[rs]?|Guten (?:Tag|Morgen),?|Sehr geehrte[r]?(?: Frau| Herr)?|Bonjour|Bonsoir|Cher|Chère|Salut|Hola|Estimad[oa](?: Sra?\.?)?|Querid[oa]|Buenos días,?|Olá|Car[oa]|Prezad[oa]|Bom dia,?|Cześć|Dzień dobry,?|Szanown[ay](?: Panie| Pani)?|Drog[ia]|Witaj|Шановн(?:ий|а)(?: пане| пані)?|Доброго дня,?|Вітаю,?|Привіт,?|Добрий день,?|Merhaba|Sayın|Sevgili|Değerli|Selam|Tere|Lugupeetud|Kallis|Ciao|Gentile|Beste|Geachte)"
    rf"\s((?:{_PART}|{_INITIAL})(?:\s(?:{_PARTICLE})?{_PART}){{0,3}})\s?(?:Bey|Hanım|bey|hanım)?\s?[,:!\n،—–-]"
)
_SALUTATION_ARABIC = Linear(
    r"(?:عزيزي|عزيزتي|السيد|السيدة|مرحبا|أهلا)\s([\p{Arabic}]{2,}(?: [\p{Arabic}]{2,})?)\s?[،,:!]"
)
_TURKISH = Linear(rf"\b({_PART}(?: {_PART})?) (?:Bey|Hanım)\b")
_JAPANESE = Linear(
    r"([\p{Han}々ヶ]{1,3}[ \x{3000}]?[\p{Han}々]{0,3}|[\p{Katakana}ー]{2,8})(?:さん|様|氏|殿|先生|くん|課長|部長|社長|係長)"
)
_CLOSING = Linear(
    r"(?im)(?:^|\n|[.,!]\s|--\s?)\s*(?:kind regards|best regards|best wishes|warm regards|regards|sincerely(?: yours)?|yours (?:sincerely|faithfully|truly)|best|br|thanks|thank you|thx|cheers|many thanks|mfg|mit freundlichen grüßen|viele grüße|beste grüße|freundliche grüße|lg|vg|gruß|cordialement|bien cordialement|bien à vous|salutations|atentamente|un saludo|saludos(?: cordiales)?|atenciosamente|cumprimentos|com os melhores cumprimentos|abraços?|obrigad[oa]|pozdrawiam|z poważaniem|z wyrazami szacunku|dziękuję|з повагою|дякую|saygılarımla|saygılarla|iyi çalışmalar|teşekkürler|parimate soovidega|lugupidamisega|tervitades|cordiali saluti|met vriendelijke groet)[,.!]?\s*\n+\s*(?-i:((?:"
    + rf"{_PART}|{_INITIAL})(?:\s(?:{_PARTICLE})?(?:{_PART}|{_INITIAL})){{0,3}}))\s*(?:$|\n|[,|(])"
)
_CLOSING_ARABIC = Linear(
    r"(?:مع التحية|مع خالص التحية|وتفضلوا بقبول|تحياتي|شكرا)[،,.]?\s*\n+\s*([\p{Arabic}]{2,}(?: [\p{Arabic}]{2,}){0,3})"
)
_MAILBOX = Linear(
    r"(?:^|[\n:,;>(]|\b(?:De|Para|Von|An|Od|Do|À|Від|Кому)\s?:)\s*\"?([^\"<>\n:;@]{2,60}?)\"?\s*<[^<>\s]+@"
)
_DASHED = Linear(rf"(?:--|—|–)\s?({_LATIN})\s*(?:$|\n)")
_SPEAKER = Linear(
    rf"(?m)^[<\[(]?([0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?(?: ?[AP]M)?)?[>\])]?\s?<?({_PART}(?: {_PART})?)>?\s?:\s"
)
_VERBS = Linear(
    r"(?i)^,?\s(?:\([^)\n]*\)\s)?(?:reported|paid|called|clicked|opened|received|said|says|told|works|wrote|confirmed|asked|stopped|entered|answered|forwarded|"
    r"contacted|installed|noticed|replied|was|is|has|had|from (?:the |our )?\p{Ll}+|in (?:accounts|finance|hr|it|sales|legal|procurement|marketing|payroll|purchasing)|"
    r"hat|meldete|klickte|öffnete|a (?:signalé|cliqué|ouvert|reçu)|informó|abrió|recibió|relatou|abriu|recebeu|zgłosił\pL*|otworzył\pL*|повідоми\pL+|відкри\pL+|bildirdi|açtı|teatas|avas)\b"
)
_STRONG_CUE = Linear(
    r"(?i)(?:victim|patient|employee|colleague|named|owner|reporter|analyst|handled by|reported by|journalist|activist|student|nurse|director|accountant|(?:laptop|phone|car|machine|line|scan|data|record|mailbox|office|computer|home|card|profile|son|daughter|wife|husband) of|assigned to|found by|signed by|is this|triage|user|belongs to|belonging to|account of|opfer|mitarbeiter|kolleg|patientin|victime|salarié|patiente|víctima|empleada?|paciente|vítima|funcionári|ofiara|pracowni|pacjent|жертв|працівни|пацієнт|потерпіл|mağdur|çalışan|kannatanu|töötaja|patsient)\pL*[\s:,(\"“„«]{1,3}$"
)
_TITLES_INSIDE = Linear(r"(?i)^(?:mr|mrs|ms|dr|prof|herr|frau|sr|sra|mme|pan|pani)\.?\s")


def name_shape(value: str) -> int:
    """How many characters at the head of a labelled value are a person's name; 0 for none."""
    for pattern in (_FORM_SURNAME_FIRST, _FORM, _HAN_FORM, _ARABIC):
        match = pattern.match(value)
        if match is None:
            continue
        said = match.group()
        words = said.replace(",", " ").split()
        if any(w.casefold() in NOT_NAMES for w in words):
            words = _before_stopword(words)
            if not words:
                return 0
            said = said[: said.index(words[-1]) + len(words[-1])]
        if (
            len(words) == 1
            and pattern is not _HAN_FORM
            and not known_given(words[0])
            and len(said.strip()) < len(value.strip(" .,;"))
        ):
            return 0
        if words[0].isupper() and len(words) == 1:
            return 0
        return len(said)
    return 0


_FORM = Linear(rf"(?:{_PART}|{_INITIAL})(?:\s(?:{_PARTICLE})?(?:{_PART}|{_INITIAL})){{0,3}}")
_FORM_SURNAME_FIRST = Linear(rf"{_PART}(?:[ -]{_PART})?, (?:{_PART}|{_INITIAL})(?: (?:{_PART}|{_INITIAL}))?$")
_HAN_FORM = Linear(
    r"[\p{Han}々ヶ]{1,4}(?:[ \x{3000}][\p{Han}\p{Hiragana}\p{Katakana}々]{1,4})?|[\p{Katakana}ー][\p{Katakana}ー]+(?:[・ ][\p{Katakana}ー][\p{Katakana}ー]+)?"
)


def _before_stopword(words: list[str]) -> list[str]:
    for index, word in enumerate(words):
        if word.casefold() in NOT_NAMES:
            return words[:index]
    return words


def _speaks(said: str) -> bool:
    """Whether the label of a line is somebody's name and not a form's."""
    return said.casefold() not in NOT_NAMES and category_of_label(said) is None and not said.isupper()


_PUNCTUATION = str.maketrans(dict.fromkeys(".,:;!?()[]{}\"'’“”„«»<>|/\\_*#=+@&\t\n", " "))


@cache
def _capitalised() -> frozenset[str]:
    """All listed names as they are written: one set operation says whether a text holds any of them."""
    return frozenset(name[:1].upper() + name[1:] for name in given_names() | family_names())


def _could_name(text: str) -> bool:
    """Whether anything of the lists, or a word that announces a person, stands in the text: else lists find nothing."""
    if not text.isascii() or not _capitalised().isdisjoint(text.translate(_PUNCTUATION).replace("-", " ").split()):
        return True
    return _CUE_WORD.search(text) is not None


_CUE_WORD = Linear(
    r"(?i)\b(?:victim|patient|employee|colleague|named|owner|reporter|analyst|by|of|to|user|this|triage|opfer|mitarbeiter\pL*|victime|víctima|paciente|ofiara|kannatanu)[\s:,(\"]+(?-i:\p{Lu}[\p{Ll}'.-]* \p{Lu}\p{Ll})"
)


def find(text: str, place: Place) -> Iterator[Found]:
    people: set[str] = set()
    for found in _structured(text, place):
        people.update(_parts(found.value))
        yield found
    for found in _listed(text, place) if _could_name(text) else ():
        people.update(_parts(found.value))
        yield found
    for found in accounts.named_by_accounts(text, people):
        people.update(_parts(found.value))
        yield found
    yield from accounts.beside_names(text)
    if people:
        yield from _again(text, people)


# Pattern, one of the pieces of text without which it cannot match, and how sure it makes us.
_STRUCTURES = (
    (_TITLE, ("Mr", "Ms ", "Ms.", "Miss ", "Mx ", "Dr ", "Dr.", "Dra", "Prof", "Sir ", "Madam", "Herr", "Frau", "Fr. ", "Hr", "Dipl", "M. ", "Mme", "Mlle", "Monsieur", "Me ", "Me.", "Sr", "Señor", "Don ", "Don.", "Doña", "Senhor", "Exm", "Pan", "Pań", "Пан", "Г-", "Sayın", "Bay", "Härra", "Proua", "Sig", "Dott", "Dhr", "Mevr", "Eng", "D ", "D.", "السيد", "الدكتور", "الأستاذ", "المهندس"), 0.93, "a name after a form of address"),
    (_SALUTATION, ("Dear ", "Hi ", "Hello", "Hey ", "Good ", "Greet", "Hallo", "Lieb", "Guten ", "Sehr ", "Bonjour", "Bonsoir", "Cher ", "Chère", "Salut", "Hola", "Estimad", "Querid", "Buenos", "Olá", "Caro ", "Cara ", "Prezad", "Bom dia", "Cześć", "Dzień", "Szanown", "Drog", "Witaj", "Шановн", "Добр", "Вітаю", "Привіт", "Merhaba", "Sayın", "Sevgili", "Değerli", "Selam", "Tere", "Lugupeetud", "Kallis", "Ciao", "Gentile", "Beste", "Geachte"), 0.9, "a name after a salutation"),
    (_SALUTATION_ARABIC, ("عزيز", "السيد", "مرحبا", "أهلا"), 0.88, "a name after a salutation"),
    (_TURKISH, (" Bey", " Hanım"), 0.92, "a name before a form of address"),
    (_CLOSING, ("\n",), 0.92, "a signature"),
    (_CLOSING_ARABIC, ("تح", "شكرا", "بقبول"), 0.9, "a signature"),
)  # fmt: skip


def _structured(text: str, place: Place) -> Iterator[Found]:
    for pattern, pieces, confidence, why in _STRUCTURES:
        if not any(piece in text for piece in pieces):
            continue
        for match in pattern.finditer(text):
            found = _checked(text, match.start(1), match.group(1), confidence, why, place)
            if found is not None:
                yield found
    for match in _JAPANESE.finditer(text) if not text.isascii() else ():
        said = match.group(1)
        if said[:1] in japanese_family() or said[:2] in japanese_family() or said[:3] in japanese_family():
            yield Found(
                match.start(1), match.end(1), Category.PERSON_NAME, 0.9, "a name before a form of address", said
            )
    for match in _MAILBOX.finditer(text) if "@" in text and "<" in text else ():
        said = match.group(1).strip(" \t'")
        start = match.start(1) + match.group(1).index(said) if said else match.start(1)
        size = name_shape(said)
        words = said.replace(",", " ").split()
        if (
            size == len(said)
            and len(words) > 1
            and not any(w.casefold() in NOT_NAMES for w in words)
            and not said.isupper()
        ):
            known = any(known_given(w) or w.casefold() in family_names() for w in words) or not said.isascii()
            yield Found(
                start,
                start + size,
                Category.PERSON_NAME,
                0.92 if known else 0.8,
                "the display name of an e-mail address",
                said.casefold(),
            )
    lines = "\n" in text and ":" in text
    speakers = [match for match in _SPEAKER.finditer(text) if _speaks(match.group(2))] if lines else []
    timed = any(match.group(1) for match in speakers)
    if len(speakers) >= 2 and (timed or any(known_given(match.group(2)) for match in speakers)):
        for match in speakers:
            said = match.group(2)
            yield Found(
                match.start(2),
                match.end(2),
                Category.PERSON_NAME,
                0.88,
                "who speaks in a conversation",
                said.casefold(),
                Role.ANALYST,
            )
    for match in _DASHED.finditer(text) if any(dash in text for dash in ("--", "—", "–")) else ():
        found = _checked(text, match.start(1), match.group(1), 0.88, "a signature", place)
        if found is not None:
            yield found


def _listed(text: str, place: Place) -> Iterator[Found]:
    for match in _SURNAME_FIRST.finditer(text) if ", " in text else ():
        family, given = match.group(1), match.group(2)
        likely = known_given(given.split()[0]) and family.casefold() not in NOT_NAMES
        if likely and not known_given(family.split()[0]) and _person(match.group(), place):
            yield _name(match.start(), match.group(), 0.86, "a family name, a comma and a given name")
    for match in _SEQUENCE.finditer(text):
        yield from _in_sequence(text, match.start(), match.group(), place)
    if not text.isascii():
        for match in _ARABIC.finditer(text):
            yield from _arabic(match.start(), match.group())
        for match in _HAN.finditer(text):
            yield from _japanese(text, match.start(), match.group())


def _in_sequence(text: str, start: int, said: str, place: Place) -> Iterator[Found]:
    """The part of a run of capitalised words that is a name: from a known given name on, or all of it after a cue."""
    words = said.split(" ")
    at = 0
    cued = _STRONG_CUE.search(text[max(0, start - 40) : start]) is not None
    for index, word in enumerate(words):
        rest = words[index:]
        if known_given(word) and len(rest) > 1:
            kept = _until_stop(rest)
            if len(kept) > 1 and _person(" ".join(kept), place):
                family = kept[-1].casefold() in family_names()
                confidence = 0.93 if family or cued else 0.86
                yield _name(start + at, " ".join(kept), confidence, "a given name followed by another name")
                return
        if word.endswith(".") and len(word) == 2 and len(rest) > 1 and rest[1].casefold() not in NOT_NAMES:
            kept = _until_stop(rest)
            family = kept[-1].casefold() in family_names()
            if len(kept) > 1 and (family or cued) and _person(" ".join(kept), place):
                yield _name(start + at, " ".join(kept), 0.88, "an initial and a family name")
                return
        at += len(word) + 1
    kept = _until_stop(words)
    if len(kept) < 2 or not _person(" ".join(kept), place):
        return
    family = kept[-1].casefold() in family_names()
    if cued:
        yield _name(start, " ".join(kept), 0.86 if family else 0.8, "capitalised words after a word for a person")
    elif (
        family
        and len(kept) == 2
        and kept[0].casefold() not in NOT_NAMES
        and _followed_by_contact(text, start + len(said))
    ):
        yield _name(start, " ".join(kept), 0.84, "a name beside a way to reach a person")


def _followed_by_contact(text: str, end: int) -> bool:
    return _CONTACT.match(text[end : end + 40]) is not None


_CONTACT = Linear(r"\s?[(,<\[]{1,2}\s?(?:[\w.+-]+@|\+?[0-9(][0-9 ()-]{6,}|(?:tel|phone|mobile|ext|dob|born)\b)")


def _until_stop(words: list[str]) -> list[str]:
    kept: list[str] = []
    for word in words:
        bare = word.rstrip(".,'’s") if word.endswith(("'s", "’s")) else word
        if bare.casefold() in NOT_NAMES and kept:
            break
        if bare.casefold() in NOT_NAMES:
            return []
        kept.append(bare)
        if bare != word:
            break
    return kept


def _arabic(start: int, said: str) -> Iterator[Found]:
    words = said.split(" ")
    at = 0
    for index, word in enumerate(words):
        if word in given_names() and index + 1 < len(words):
            kept = words[index : index + 3]
            while len(kept) > 2 and kept[-1] not in given_names() and not kept[-1].startswith("ال"):
                kept.pop()
            yield _name(start + at, " ".join(kept), 0.87, "a given name followed by another name")
            return
        at += len(word) + 1


def _japanese(text: str, start: int, said: str) -> Iterator[Found]:
    """A family name of the list, then a space and a given name; without a space only where something announces it."""
    family = next((said[:n] for n in (3, 2, 1) if said[:n] in japanese_family()), None)
    if family is None:
        return
    rest = said[len(family) :]
    spaced = rest[:1] in {" ", "\u3000"}
    given = rest.strip(" \u3000")
    if spaced and 1 <= len(given) <= 4 and len(family) + len(given) >= 3:
        yield _name(start, said, 0.9, "a Japanese family name and a given name")
    elif 1 <= len(given) <= 3 and len(family) >= 2 and _ANNOUNCED.search(text[max(0, start - 8) : start]) is not None:
        yield _name(start, said, 0.85, "a Japanese name after a word for a person")


_ANNOUNCED = Linear(r"(?:者|担当|氏名|名前|社員|職員|患者|顧客|名義|記録|本人)(?:は|の|が|:|：|、|「|\s)?\s?$")


def _checked(text: str, start: int, said: str, confidence: float, why: str, place: Place) -> Found | None:
    title = _TITLES_INSIDE.match(said)
    if title is not None:
        start, said = start + title.end(), said[title.end() :]
    words = said.split(" ")
    kept = _until_stop(words)
    if not kept or not _person(" ".join(kept), place):
        return None
    if len(kept) == 1 and len(kept[0].rstrip(".")) < 2:
        return None
    return _name(start, " ".join(kept), confidence, why)


def _name(start: int, said: str, confidence: float, why: str) -> Found:
    said = said.rstrip(" ,;:")
    return Found(start, start + len(said), Category.PERSON_NAME, confidence, why, said.casefold())


def _person(said: str, place: Place) -> bool:
    """Not the name of a malware, group or tool, nor shouted."""
    folded = said.casefold()
    if folded in place.not_people or any(w in place.not_people for w in folded.split()):
        return False
    return not (said.isupper() and len(said) > 4)


def _parts(value: str) -> set[str]:
    return {
        part for part in value.replace(",", " ").split() if len(part) > 2 and part not in NOT_NAMES and "." not in part
    }


def _again(text: str, people: set[str]) -> Iterator[Found]:
    """The same person named by one part later on: `Kelechi called`, `Mrs Walters`."""
    latin = sorted(p for p in people if p[0].isalpha())
    pattern = Linear(r"(?i)(?:" + "|".join(escape(p) for p in latin[:200]) + r")")
    for match in pattern.finditer(text):
        start, end = match.span()
        said = match.group()
        before, after = text[start - 1 : start] if start else "", text[end : end + 1]
        if not said[:1].isupper() and said[:1].islower():
            continue
        if (before.isalnum() and not _is_solid(said)) or (after.isalnum() and not _is_solid(said)):
            continue
        if (
            before in {"@", ".", "\\", "/", "-"}
            or after in {"@", "\\"}
            or (after in {".", "-"} and text[end + 1 : end + 2].isalnum())
        ):
            continue
        if said.isupper() and len(said) > 3 and before == "-":
            continue
        yield Found(
            start,
            end,
            Category.PERSON_NAME,
            0.85,
            "part of a person's name given elsewhere in the text",
            said.casefold(),
        )


def _is_solid(said: str) -> bool:
    return "\u3040" <= said[0] <= "\u9fff"


DETECTOR = Detector(
    "person-name",
    1,
    r"\p{Lu}[\p{Ll}.]+,? \p{Lu}|[\p{Han}\p{Arabic}]|\p{Lu}\. \p{Lu}|(?i:dear|hi|hello|hallo|hey|liebe|bonjour|hola|olá|cześć|merhaba|sayın|estimad|prezad|szanown|шановн|mr|mrs|ms|dr|herr|frau|bey|hanım|regards|best|thanks|br|mfg|tere) ?\p{Lu}?",
    find,
    frozenset({"text", "email-header"}),
)
