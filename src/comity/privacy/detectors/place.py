"""Where somebody is or lives: coordinates and postal addresses."""

from __future__ import annotations

from collections.abc import Iterator

from comity.canon import Category
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import PROSE, Detector, Found, Place

_DECIMAL = Linear(
    r"(?P<a>[-+]?[0-9]{1,3}\.[0-9]{3,10})\x{00b0}?\s?(?P<ns>[NSns])?\s?[,;/ ]\s?(?P<b>[-+]?[0-9]{1,3}\.[0-9]{3,10})\x{00b0}?\s?(?P<ew>[EWewO])?"
)
_SEXAGESIMAL = Linear(
    r"[0-9]{1,2}\x{00b0}\s?[0-9]{1,2}['\x{2032}\x{2019}]\s?(?:[0-9]{1,2}(?:\.[0-9]+)?[\"\x{2033}\x{201d}]?)?\s?[NS][,;\s]{1,3}"
    r"[0-9]{1,3}\x{00b0}\s?[0-9]{1,2}['\x{2032}\x{2019}]\s?(?:[0-9]{1,2}(?:\.[0-9]+)?[\"\x{2033}\x{201d}]?)?\s?[EWO]"
)

_CAP = r"[\p{Lu}][\pL'’.-]*"
_TAIL = r"(?:,? (?:Apt|Suite|Unit|Flat|Apartment)\.? ?[0-9A-Z]+)?"
_STREET = (
    # English: 12 High Street, Town, ZIP
    rf"(?:(?:Flat|Unit|Studio|Apt\.?|Apartment|Suite) [0-9]{{1,4}}[A-Za-z]?,? )?(?:[0-9]{{1,5}}[A-Za-z]?,? )?(?:{_CAP} ){{1,4}}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq|Way|Terrace|Close|Crescent|Gardens?|"
    r"Grove|Park|Parkway|Highway|Hwy|Row|Mews|Hill|Walk|Estates?|Crossing|Cove|Shoal|Trail|Circle|Loop|Alley|Ridge|Meadows?|Manors?|"
    r"Springs?|Station|Junctions?|Causeway|Fields?|Ford|Forges?|Glens?|Greens?|Harbors?|Haven|Heights|Hollow|Islands?|Isle|Keys?|Knolls?|"
    r"Lakes?|Landing|Light|Locks?|Lodge|Mall|Mills?|Mission|Motorway|Mount|Mountains?|Neck|Orchard|Oval|Overpass|Passage|Path|Pike|Pines?|"
    r"Plains?|Plaza|Points?|Ports?|Prairie|Ramp|Ranch|Rapids?|Rest|River|Roads|Route|Rue|Run|Shores?|Skyway|Spurs?|Stravenue|Stream|"
    r"Summit|Throughway|Trace|Track|Trafficway|Tunnel|Turnpike|Underpass|Unions?|Valleys?|Via|Viaduct|Views?|Villages?|Ville|Vista|Walks|Wall|Wells?)\b\.?" + _TAIL,
    # German, Dutch, Nordic, Estonian: name and number
    r"(?:\p{Lu}[\pL.-]+ ){0,2}\p{Lu}[\pL-]*(?:straße|strasse|str\.|gasse|weg|allee|platz|ring|ufer|damm|chaussee|stieg|straat|laan|gatan|vägen|katu|tie|vej|gata|veien)\s[0-9]{1,4} ?[a-z]?(?:-[0-9]{1,4}[a-z]?)?\b",
    r"\p{Lu}[\pL-]+(?: \p{Lu}[\pL-]+)? (?:tn|tänav|mnt|pst|puiestee|tee|põik)\.? [0-9]{1,4}[a-z]?(?:-[0-9]{1,4})?\b",
    # French
    r"(?:[0-9]{1,4}(?: ?(?:bis|ter))?,? )(?i:rue|avenue|av\.|boulevard|bd|chemin|place|impasse|allée|quai|cours|route|square|passage|faubourg) (?:(?:de|du|des|d['’]|la|le|les|l['’])\s?){0,3}[\p{Lu}][\pL'’-]*(?:[ -][\pL'’-]+){0,3}",
    r"(?i:rue|avenue|boulevard|chemin|impasse|allée|quai) (?:(?:de|du|des|la|le|les) ){0,2}[\p{Lu}][\pL'’-]*(?: [\p{Lu}][\pL'’-]+){0,3}",
    # Spanish, Portuguese, Italian: type first, number after
    r"(?i:calle|c/|c\.|avda\.?|avenida|av\.?|plaza|pza\.?|paseo|camino|ronda|travesía|glorieta|cuesta|callejón|pasaje|rambla|vía|cañada|acceso|alameda|urbanización|via|viale|piazza|corso|strada|largo|vicolo|borgo|contrada|piazzetta|canale|incrocio|stretto|rotonda) (?:(?:de|del|della|di|la|las|los|el|do|da|dos|das)\s){0,2}[\p{Lu}][\pL'’.-]*(?:[ ]\pL[\pL'’.-]*){0,4},? ?(?:n[.º°]{1,2}\s?)?[0-9]{1,4}(?:,? (?i:piso|apt\.?|appartamento|puerta|bloque|º|andar|local) ?[0-9A-Z]*)?",
    r"(?i:rua|r\.|travessa|largo|praça|pç\.|alameda|avenida|av\.|estrada|quadra|vila|viela|conjunto|sítio|fazenda|favela|loteamento|condomínio|ladeira|lago|lagoa|morro|núcleo|parque|passarela|pátio|recanto|residencial|rodovia|setor|trecho|trevo|vereda|viaduto) (?:(?:de|do|da|dos|das) ){0,2}[\p{Lu}][\pL'’-]*(?: \pL[\pL'’-]*){0,4},? ?(?:n\.?[º°]? ?)?[0-9]{1,5}",
    r"(?i:rua|avenida|alameda|travessa|praça) (?:(?:de|do|da|dos|das) ){0,2}[\p{Lu}][\pL'’-]*(?: [\p{Lu}][\pL'’-]+){0,3}",
    # Polish
    r"(?i:ul\.|ulica|al\.|aleja|pl\.|plac|os\.) ?(?:[\p{Lu}0-9][\pL0-9.'’-]*[ ]){1,4}[0-9]{1,4}[A-Za-z]?(?:[ /]{1,3}(?:m\. ?)?[0-9]{1,4})?",
    # Ukrainian, Russian
    r"(?i:вулиця|вул\.|провулок|пров\.|проспект|просп\.|пр-т|бульвар|бул\.|площа|пл\.|узвіз|набережна|шосе|майдан|алея|сквер|ул\.|улица) [\p{Lu}0-9][\pL'’ʼ0-9-]*(?: [\pL'’ʼ0-9-]+){0,3},? ?(?:буд\.? ?|д\. ?)?[0-9]{1,4}[\pL]?(?:,? ?(?:кв\.?|корп\.?) ?[0-9]{1,4})?",
    # Turkish
    r"(?:\p{Lu}[\pL.]+ ){1,4}(?i:mahallesi|mah\.|mh\.|sokak|sokağı|sok\.|sk\.|caddesi|cad\.|cd\.|bulvarı|blv\.|geçidi|yolu|meydanı|apt\.)(?:,? ?(?:\p{Lu}[\pL.]+ ){0,4}(?i:mahallesi|mah\.|sokak|sokağı|sok\.|sk\.|caddesi|cad\.|cd\.))*,? ?(?i:no\.?:? ?)?[0-9]{1,4}(?:/[0-9]{1,3})?(?:,? (?i:kat|daire|d\.):? ?[0-9]{1,3})*",
    # Arabic
    r"(?:[0-9]{1,5}،? )?(?:شارع|حي|طريق|ميدان|منطقة|جادة|ممر|كوبري) [\p{Arabic}]+(?: [\p{Arabic}]+){0,4}(?:[،,]? ?(?:رقم |عمارة |مبنى |شقة )?[0-9]{1,5})?",
)  # fmt: skip
# What may follow: postcode, town, region; at most four short parts after commas.
_FOLLOWS = (
    r"(?:,? ?\(?(?:[A-Z]{1,2}-?)?[0-9]{2}[0-9 -]{1,4}[0-9]\)?(?: [\p{Lu}][\pL'’.-]+){0,3})?"
    r"(?:[,،] ?(?:[0-9]{4,6}(?:-[0-9]{3,4})?(?: [\p{Lu}\p{Arabic}][\pL'’.-]*){0,3}|[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]|[A-Z]{2} [0-9]{5}(?:-[0-9]{4})?|"
    r"(?:[\p{Lu}\p{Arabic}][\pL'’.-]*)(?: \pL[\pL'’.-]*){0,3}(?: [A-Z]{2} [0-9]{5}| [0-9]{4,6})?|[0-9]{2}-[0-9]{3}(?: [\p{Lu}][\pL-]+){0,2})){0,4}"
)
_ADDRESS = Linear("(?:" + "|".join(_STREET) + ")" + _FOLLOWS)
_JAPAN = Linear(
    r"(?:〒?[0-9]{3}-[0-9]{4}\s?)?(?:東京都|北海道|(?:京都|大阪)府|[\p{Han}]{2,3}県)[\p{Han}\p{Hiragana}\p{Katakana}ー々ヶ]{1,20}?(?:[市区町村郡])?[\p{Han}\p{Hiragana}\p{Katakana}ー々ヶ]*"
    r"[0-9一二三四五六七八九十]{1,4}(?:丁目|番地?|号|[-‐−ー])?(?:[0-9]{0,4}(?:丁目|番地?|号|[-‐−ー])?){0,4}(?:\s?[\p{Katakana}ー\p{Han}A-Za-z]+[0-9]{1,4}(?:号室?)?)?"
)
_NEEDS_NUMBER = Linear(r"[0-9]")


def find_position(text: str, place: Place) -> Iterator[Found]:
    for match in _DECIMAL.finditer(text):
        latitude, longitude = float(match.group("a")), float(match.group("b"))
        if abs(latitude) > 90 or abs(longitude) > 180 or text[match.start() - 1 : match.start()].isalnum():
            continue
        sure = (
            match.group("ns") is not None or text.strip() == match.group().strip() or _decimals(match.group("a")) >= 4
        )
        yield Found(
            match.start(),
            match.end(),
            Category.GPS_POSITION,
            0.93 if sure else 0.75,
            "a latitude and a longitude",
            match.group(),
        )
    for match in _SEXAGESIMAL.finditer(text):
        yield Found(
            match.start(),
            match.end(),
            Category.GPS_POSITION,
            0.96,
            "a latitude and a longitude in degrees and minutes",
            match.group(),
        )


def find_address(text: str, place: Place) -> Iterator[Found]:
    for pattern in (_ADDRESS, _JAPAN):
        for match in pattern.finditer(text):
            said = match.group().rstrip(" ,.،")
            if _NEEDS_NUMBER.search(said) is None and "," not in said:
                continue
            confidence = 0.88 if sum(c.isdecimal() for c in said) >= 3 else 0.7
            yield Found(
                match.start(),
                match.start() + len(said),
                Category.POSTAL_ADDRESS,
                confidence,
                "a street, a number and a place",
                said.casefold(),
            )


def _decimals(number: str) -> int:
    return len(number.partition(".")[2])


POSITION = Detector("gps-position", 1, r"[0-9]{1,3}\.[0-9]{3,}\x{00b0}?\s?[NSns]?\s?[,;/ ]|\x{00b0}", find_position)
ADDRESS = Detector(
    "postal-address",
    1,
    r"(?i)[0-9].{0,60}(?:street|\bst\b|road|\brd\b|ave|lane|drive|boulevard|court|place|square|way|terrace|close|rue|chemin)|[0-9]{1,5} (?:\p{Lu}[\pL'’-]+ ){1,4}\p{Lu}[\pL'’-]+|stra(?:ß|ss)e|str\.|gasse|weg\b|allee|platz|\bring|ufer|damm|calle|c/|c\.|avda|avenida|av\.|plaza|paseo|rua|r\.|travessa|praça|largo|via\b|viale|piazza|ul\.|ulica|al\.|pl\.|os\.|вул|пров|просп|бульвар|площа|узвіз|набережн|шосе|mah|sok|cad|cd\.|bulvar|شارع|حي|طريق|ميدان|[都道府県].{0,30}[0-9]|tänav|\btn\b|mnt|pst|straat|laan|gatan|vägen|urbanización|vila|quadra",
    find_address,
    PROSE | {"value"},
)
