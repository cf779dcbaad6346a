"""Postal addresses: each country's way to write a street and a house, and what may follow: town, region, postcode.

A grammar is asked only where its gate, a word of its streets, stands; so each automaton stays small.
"""
# ruff: noqa: E501, RUF001  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from comity.canon import Category
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import PROSE, Detector, Found, Place


class Grammar(NamedTuple):
    gate: Linear
    street: Linear


_CAP = r"\p{Lu}[\pL'’.-]*"
_PARTICLE = r"(?:(?:de|del|della|di|du|des|la|las|los|le|les|el|do|da|dos|das|d['’]|l['’])\s?)"
_HOUSE = r"[0-9]{1,5}(?:[A-Za-z]\b)?(?:[-/][0-9]{1,4}[a-z]?)?"
# USPS Publication 28, appendix C1: the suffixes of streets, and what the United Kingdom and Ireland add.
_SUFFIX = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq|Way|Terrace|Close|Crescent|Gardens?|Grove|"
    r"Park|Parkway|Highway|Hwy|Row|Mews|Hill|Walk|Estates?|Crossing|Cove|Trail|Circle|Loop|Alley|Ridge|Manors?|Springs?|Causeway|Heights|"
    r"Hollow|Lakes?|Landing|Mall|Mills?|Orchard|Oval|Path|Pike|Plaza|Points?|Quay|Route|Run|Shores?|Turnpike|Valleys?|Viaduct|Views?|Vista|Green|Fields?|Bridge)"
)
_UNIT = r"(?:(?:Flat|Unit|Studio|Apt\.?|Apartment|Suite|No\.?) ?[0-9]{1,4}[A-Za-z]?,? )"
_POSTCODE = (
    r"(?:[A-Z]{2} [0-9]{5}(?:-[0-9]{4})?|[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9])"
)


def _grammar(gate: str, street: str) -> Grammar:
    return Grammar(Linear(gate), Linear(street))


GRAMMARS = (
    # English: 12 High Street; and whatever ends in a British, Canadian or United States postcode
    _grammar(
        rf"\b{_SUFFIX}\b",
        rf"{_UNIT}?{_HOUSE},? (?:{_CAP} ){{1,4}}{_SUFFIX}\b\.?(?:,? (?:Apt|Suite|Unit|Flat|Apartment)\.? ?[0-9A-Z]+)?",
    ),
    _grammar(
        _POSTCODE,
        rf"(?:{_UNIT}(?:{_HOUSE} )?|{_HOUSE} ){_CAP}(?: {_CAP}){{0,3}}(?: (?:Apt|Suite|Unit)\.? [0-9A-Z]+)?(?:, {_CAP}(?: {_CAP}){{0,2}}){{1,2}},? {_POSTCODE}\b",
    ),
    # German, Dutch, Nordic, Estonian: name and number
    _grammar(
        r"(?i)(?:stra(?:ß|ss)e|str\.|gasse|weg|allee|platz|ring|ufer|damm|chaussee|stieg|straat|laan|gatan|vägen|katu|tie|vej|gata|veien|dreef|plein|gracht|kade) [0-9]",
        rf"(?:\p{{Lu}}[\pL.-]+ ){{0,2}}\p{{Lu}}[\pL.-]*(?i:straße|strasse|str\.|gasse|weg|allee|platz|ring|ufer|damm|chaussee|stieg|straat|laan|gatan|vägen|katu|tie|vej|gata|veien|dreef|plein|gracht|kade)\s{_HOUSE}",
    ),
    _grammar(
        r"(?:tn|tänav|mnt|pst|puiestee|tee|põik)\.? [0-9]",
        rf"\p{{Lu}}[\pL-]+(?: \p{{Lu}}[\pL-]+)? (?:tn|tänav|mnt|pst|puiestee|tee|põik)\.? {_HOUSE}",
    ),
    # French
    _grammar(
        r"(?i)\b(?:rue|avenue|av\.|boulevard|bd|chemin|place|impasse|allée|quai|cours|route|square|passage|faubourg) ",
        rf"(?:[0-9]{{1,4}}(?: ?(?:bis|ter))?,? )(?i:rue|avenue|av\.|boulevard|bd|chemin|place|impasse|allée|quai|cours|route|square|passage|faubourg) {_PARTICLE}{{0,3}}\p{{Lu}}[\pL'’-]*(?:[ -]\pL[\pL'’-]*){{0,3}}"
        rf"|\b(?:rue|chemin|impasse|allée|boulevard) {_PARTICLE}{{0,3}}\p{{Lu}}[\pL'’-]*(?: \p{{Lu}}[\pL'’-]+){{0,3}}",
    ),
    # Spanish, Portuguese, Italian: the type first, the number after
    _grammar(
        r"(?:\b(?i:calle|avda|avenida|plaza|pza|paseo|camino|ronda|travesía|glorieta|cuesta|callejón|pasaje|rambla|cañada|acceso|alameda|urbanización|viale|piazza|corso|strada|"
        r"vicolo|contrada|rua|travessa|praça|estrada|quadra|viela|conjunto|fazenda|favela|loteamento|condomínio|ladeira|parque|residencial|rodovia|setor|trecho|vereda|sítio|morro|núcleo|recanto)|"
        r"\b(?:Vía|Via|Largo|Vila|Lago|Lagoa|Av|Avda|Quinta|Pátio|C\.|C/|R\.))\b",
        rf"\b(?:(?i:calle|avda\.?|avenida|av\.?|plaza|pza\.?|paseo|camino|ronda|travesía|glorieta|cuesta|callejón|pasaje|rambla|cañada|acceso|alameda|urbanización|viale|piazza|corso|strada|"
        rf"vicolo|contrada|rua|travessa|praça|estrada|quadra|viela|conjunto|fazenda|favela|loteamento|condomínio|ladeira|parque|residencial|rodovia|setor|trecho|vereda|sítio|morro|núcleo|recanto)|"
        rf"(?:Vía|Via|Largo|Vila|Lago|Lagoa|Av|Avda|Quinta|Pátio|C\.|C/|R\.))\.? ?{_PARTICLE}{{0,2}}(?:\p{{Lu}}|[0-9]+ de \p{{Lu}})[\pL'’.-]*(?: \pL[\pL'’.-]*){{0,4}},? ?(?:(?i:n[.º°]{{1,2}}|núm\.) ?)?{_HOUSE}(?:,? ?(?i:piso|apt\.?|appartamento|puerta|bloque|andar|local|esc\.) ?[0-9A-Z]*\b)?",
    ),
    # Polish
    _grammar(
        r"\b(?i:ul\.|ulica|al\.|aleja|pl\.|plac|os\.) ?[\p{Lu}0-9]",
        rf"\b(?i:ul\.|ulica|al\.|aleja|pl\.|plac|os\.) ?(?:[\p{{Lu}}0-9][\pL0-9.'’-]*[ ]){{1,4}}{_HOUSE}(?:[ /]{{1,3}}(?:m\. ?)?[0-9]{{1,4}})?",
    ),
    # Ukrainian, Russian
    _grammar(
        r"(?i)(?:вул|пров|просп|пр-т|бульвар|бул\.|площа|пл\.|узвіз|набережн|шосе|майдан|алея|сквер|парк|ул\.|улица|в'їзд|проїзд)",
        r"(?i:вулиця|вул\.|провулок|пров\.|проспект|просп\.|пр-т|бульвар|бул\.|площа|пл\.|узвіз|набережна|шосе|майдан|алея|сквер|парк|ул\.|улица|в'їзд|проїзд) [\p{Lu}0-9][\pL'’ʼ0-9-]*(?: [\pL'’ʼ0-9-]+){0,3},? ?(?:буд\.? ?|д\. ?)?[0-9]{1,4}[\pL]?(?:,? ?(?:кв\.?|корп\.?) ?[0-9]{1,4})?",
    ),
    # Turkish
    _grammar(
        r"(?i)(?:mahalle|mah\.|mh\.|soka|sok\.|sk\.|cadde|cad\.|cd\.|bulvar|blv\.|geçidi|meydanı)",
        r"(?:\p{Lu}[\pL.]+ ){1,4}(?i:mahallesi|mahalle|mah\.|mh\.|sokak|sokağı|sok\.|sk\.|caddesi|cad\.|cd\.|bulvarı|blv\.|geçidi|yolu|meydanı)(?:,? (?:\p{Lu}[\pL.]+ ){0,4}(?i:mahallesi|mah\.|sokak|sokağı|sok\.|sk\.|caddesi|cad\.|cd\.|bulvarı))*,? ?(?i:no\.?:? ?)?[0-9]{1,4}(?:/[0-9]{1,3})?(?:,? (?i:kat|daire|d\.?)\.?:? ?[0-9]{1,3})*",
    ),
    # Arabic
    _grammar(
        r"(?:شارع|حي|طريق|ميدان|منطقة|جادة|ممر|كوبري)",
        r"(?:[0-9]{1,5}،? )?(?:شارع|حي|طريق|ميدان|منطقة|جادة|ممر|كوبري) \p{Arabic}+(?: \p{Arabic}+){0,4}(?:[،,]? ?(?:رقم |عمارة |مبنى |شقة )?[0-9]{1,5})?",
    ),
    # Japanese: prefecture, town, block and house
    _grammar(
        r"[都道府県市区]",
        r"(?:〒?[0-9]{3}-[0-9]{4}\s?)?(?:東京都|北海道|(?:京都|大阪)府|\p{Han}{2,3}県)[\p{Han}\p{Hiragana}\p{Katakana}ー々ヶ]+[0-9一二三四五六七八九十]{1,4}(?:丁目|番地?|号|-)?(?:[0-9]{0,4}(?:丁目|番地?|号|-)?){0,4}(?:\s?[\p{Katakana}ー\p{Han}A-Za-z]+[0-9]{1,4}(?:号室?)?)?",
    ),
)
# What may follow the house: door, postcode, town, region; a few short parts after commas.
_FOLLOWS = Linear(
    r"(?:,? (?i:apt|suite|unit|flat|piso|wohnung|m)\.? ?[0-9A-Z]+\b)?"
    r"(?:,? \(?(?:[A-Z]{1,2}-)?[0-9]{2}[0-9-]{1,4}[0-9]\)?(?: \p{Lu}[\pL'’.-]+(?:(?: (?:de|do|da|der|am|la|le))* \p{Lu}[\pL'’.-]+){0,3})?)?"
    rf"(?:[,،] ?(?:{_POSTCODE}|[0-9]{{2}}-[0-9]{{3}}(?: \p{{Lu}}[\pL-]+){{0,3}}|[0-9]{{4,5}} [A-Z]{{2}}\b|[0-9]{{4,6}}(?:-[0-9]{{3,4}})?(?: (?:(?:de|do|da|del) )?[\p{{Lu}}\p{{Arabic}}][\pL'’.-]*){{0,4}}|"
    r"\p{Arabic}+(?: \p{Arabic}+){0,3}|\p{Lu}[\pL'’.-]*(?: (?:(?:de|do|da|del|la|am|an der|upon) )?\p{Lu}[\pL'’.-]*){0,3}(?: [A-Z]{2} [0-9]{5}| [0-9]{4,6})?)){0,4}(?: ?/ ?[A-Z]{2}\b)?"
)
_REACH = 140  # code points that may follow a street
_YEAR_ONLY = Linear(r"^[^0-9]*(?:19|20)[0-9]{2}$")
_LABELS = Linear(r"(?:[,،] ?)(?:SSN|IBAN|BSN|NIR|DNI|CPF|NIF|PESEL|Kfz|National|Steuer|Tel|Phone|DOB|Born|[\pL-]+:)")


def find(text: str, place: Place) -> Iterator[Found]:
    for grammar in GRAMMARS:
        if grammar.gate.search(text) is None:
            continue
        for match in grammar.street.finditer(text):
            if _YEAR_ONLY.search(match.group()) is not None:
                continue
            start, end = match.span()
            rest = _FOLLOWS.match(text[end : end + _REACH])
            if rest is not None:
                said = rest.group()
                label = _LABELS.search(text[end : end + _REACH])
                end += min(rest.end(), label.start()) if label is not None else len(said)
            said = text[start:end].rstrip(" ,.،")
            if not any(c.isdecimal() for c in said):
                continue
            confidence = 0.88 if sum(c.isdecimal() for c in said) >= 3 or "," in said else 0.7
            yield Found(
                start,
                start + len(said),
                Category.POSTAL_ADDRESS,
                confidence,
                "a street, a house and a place",
                said.casefold(),
            )


DETECTOR = Detector(
    "postal-address", 1, "|".join(grammar.gate.pattern for grammar in GRAMMARS), find, PROSE | {"value"}
)
