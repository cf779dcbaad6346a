"""Names in common use, and words that stand where a name could and are none."""
# ruff: noqa: E501, RUF001, SIM905  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from functools import cache

from comity.privacy.detectors.packaged import packaged


@cache
def given_names() -> frozenset[str]:
    return frozenset(name for line in packaged("detectors/data/names.toml")["given"].values() for name in line.split())


@cache
def family_names() -> frozenset[str]:
    return frozenset(packaged("detectors/data/names.toml")["family"]["common"].split())


@cache
def japanese_family() -> frozenset[str]:
    return frozenset(packaged("detectors/data/names.toml")["family"]["ja"].split())


def known_given(word: str) -> bool:
    """Whether a word, or its first half if hyphenated, is a given name of the list."""
    folded = word.casefold().rstrip(".")
    return folded in given_names() or ("-" in folded and folded.split("-", 1)[0] in given_names())


# Capitalised in titles, headings and product names; never part of a person's name. Folded.
NOT_NAMES = frozenset(
    "the a an and or of for in on at to by from with this that these those it its is was are were be been has have had not no yes as if then when while"
    " team desk service services support security department office group company corp corporation inc ltd llc gmbh ag kg sa srl spa oy ab as plc co"
    " bank university hospital clinic school institute agency ministry police court government council union party church foundation association society"
    " news times post press media network networks systems system software solutions technologies technology labs lab research intelligence threat cyber"
    " windows linux microsoft google apple amazon facebook twitter telegram android chrome firefox internet explorer office outlook exchange sharepoint"
    " server client user users account accounts admin administrator manager director officer chief head president minister secretary"
    " street road avenue lane drive boulevard court place square way terrace city town county state north south east west new old saint"
    " january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday"
    " report reports incident ticket case alert notice warning update version phase stage step part section chapter table figure annex"
    " attack attacks malware ransomware trojan backdoor loader dropper stealer worm virus bot botnet rat apt panda bear kitten spider tiger dragon chollima buffalo typhoon blizzard sandstorm sleet tempest storm"
    " operation campaign project team group actor actors gang crew collective stealer logger control command center centre"
    " data file files mail email message subject date time name names address phone mobile number id key token password login url link host hostname domain ip port"
    " hi hello dear hey best kind regards thanks please note see also user's all everyone colleagues sir madam customer client support abuse"
    " english german french spanish european american russian chinese japanese korean iranian north-korean ukrainian turkish arabic polish portuguese"
    " europe america asia africa germany france spain portugal poland ukraine japan turkey estonia russia china korea iran israel india brazil london paris berlin tokyo"
    " active directory domain controller group policy task scheduler power shell remote desktop visual basic studio azure aws cloud"
    " research center response incident management risk compliance legal human resources finance accounting sales marketing production development"
    " registrar registrant admin tech creation updated expiry comment handler caller victim attacker sender recipient device detection application computer country"
    " hacker hackers fraud scam phishing invoice payment order delivery parcel account bank statement important urgent action required"
    " contact person people patient customer employee owner analyst reporter author title role summary description details impact cause"
    " der die das und oder von vom zum zur im am ein eine nicht mit für bei auf ist war wird wurde sehr geehrte herr frau bundesamt amt polizei"
    " le la les du des de et ou un une pour par avec dans sur est était monsieur madame ministère"
    " el los las y o un una para por con en es fue señor señora ministerio"
    " os as um uma com em foi senhor senhora ministério"
    " sayın bey hanım ve veya için ile"
    # Malware, tools and groups whose names are written like a person's; no family names among them.
    " poison cobalt strike sakula emotet qakbot qbot trickbot dridex icedid bokbot ursnif gozi zloader hancitor formbook lokibot nanocore njrat remcos"
    " asyncrat quasar redline raccoon azorult plugx shadowpad gh0st mimikatz metasploit meterpreter bloodhound sliver havoc ryuk revil sodinokibi lockbit"
    " blackcat alphv darkside blackmatter clop cl0p egregor petya notpetya wannacry stuxnet duqu turla uroburos carbanak anunak sofacy sednit strontium"
    " gamaredon sandworm telebots industroyer triton trisis triconex havex blackenergy crashoverride kimsuky konni andariel bluenoroff chafer oilrig"
    " muddywater charming equation shamoon crutch mosquito kazuar gazer comrat hydraq winnti barium naikon darkhotel ghostnet pegasus agent intrusion set"
    " antivirus ransom defender llmnr netbios"
    " citation sensor sample samples hash hashes indicator indicators control server".split()
) - {"may", "as", "de", "la", "le", "y", "des", "du", "los", "el", "von", "vom", "zum", "zur", "os"}


def likely_person(name: str) -> bool:
    """Whether a typed name is a person's and not a help desk's, a brand's or a function's."""
    words = [word.casefold().strip(".,()") for word in name.split()]
    if any(word in NOT_NAMES for word in words):
        return False
    return len(words) > 1 or not name.isascii() or known_given(name) or name.casefold() in family_names()
