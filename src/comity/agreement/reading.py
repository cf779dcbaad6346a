"""From the bytes of a YAML file to an agreement: everything in its place, nothing unknown, nothing of a wrong type."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any, Never

import msgspec

from comity.agreement.agreement import Agreement
from comity.agreement.clauses import own_ids
from comity.agreement.grammar.keeping import retention
from comity.agreement.grammar.text import AgreementText
from comity.agreement.shape import choices_at, names_at, wanted_at
from comity.agreement.strict_yaml import Document, Path, Place, read
from comity.canon import InputError, digest_of, printable

_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`$")
_PATH = re.compile(r"(?P<why>.*?)(?: - at (?P<key>`key` in )?`\$(?P<path>.*)`)?", re.DOTALL)
_STEP = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]|(?P<any>\[\.\.\.\])")
_LOST = "..."  # msgspec does not say in which member of a free-named map it found a fault


class UnknownTerm(InputError):
    what = "{term} is not a term of the agreement language"
    why = "{where} has no such term"
    do = "{remedy}"


class MissingTerm(InputError):
    what = "{where} does not say `{term}`"
    why = "it cannot be left out"
    do = "add `{term}`; {wanted}"


class BadTerm(InputError):
    what = "{where} cannot say {found}"
    why = "{reason}"
    do = "{remedy}"


class ClauseTwice(InputError):
    what = "the clause id {clause} is given twice"
    why = "decisions cite clauses by id, so an id names one clause of a text (first at {first})"
    do = "give one of them another id"


def parse(text: bytes, name: str) -> Agreement:
    """Read an agreement.

    Args:   text: YAML 1.2, see `strict_yaml`; name: what to call it in messages, usually the file's name.
    Raises: BadYaml, UnknownTerm, MissingTerm, BadTerm, ClauseTwice; each says `name:line:column`.
    """
    document = read(text, name)
    if not isinstance(document.data, dict):
        _bad(f"{name}:1:1", "an agreement", "a list or a word", "it is a map of terms", "start with `comity: 1`")
    try:
        terms = msgspec.convert(document.data, AgreementText)
    except msgspec.ValidationError as error:
        _explain(str(error), document, name)
    _check_retention(terms, document, name)
    _check_ids(terms, document, name)
    return Agreement(name=name, text=terms, digest=digest_of(document.data), data=document.data, places=document.values)


def _check_retention(terms: AgreementText, document: Document, name: str) -> None:
    try:
        retention(terms.retention or {})
    except ValueError as error:
        path: Path = ("retention", *str(error).split("/"))
        _bad(
            f"{name}:{document.values[path]}",
            f"`{'.'.join(map(str, path))}`",
            _shown(_value(document.data, path)),
            "it is no duration (or, for on-sunset, neither delete nor keep-until-expiry)",
            "write an ISO 8601 duration, as P180D",
        )


def _check_ids(terms: AgreementText, document: Document, name: str) -> None:
    seen: dict[str, Place] = {}
    for section, index, clause in own_ids(terms):
        place = document.values[(section, index, "id")]
        if clause in seen:
            raise ClauseTwice(at=f"{name}:{place}", clause=clause, first=seen[clause])
        seen[clause] = place
    parties: dict[str, Place] = {}
    for index, party in enumerate(terms.parties):
        place = document.values[("parties", index, "id")]
        if party.id in parties:
            raise ClauseTwice(at=f"{name}:{place}", clause=f"parties.{party.id}", first=parties[party.id])
        parties[party.id] = place


def _explain(message: str, document: Document, name: str) -> Never:
    """Turn msgspec's sentence into ours, with the place and the nearest right word."""
    match = _PATH.fullmatch(message)
    why = match["why"] if match else message
    path = _steps(match["path"] or "" if match else "")
    if match and match["key"]:
        _bad_key(_found(path, document, message), why, document, name, message)
    path = _found(path, document, message)
    where = f"`{_spell(path)}`" if path else "the agreement"
    if unknown := _UNKNOWN.fullmatch(why):
        _unknown(unknown[1], path, where, document, name)
    place = document.values.get(path, Place(1, 1))
    if missing := _MISSING.fullmatch(why):
        raise MissingTerm(at=f"{name}:{place}", where=where, term=missing[1], wanted=wanted_at((*path, missing[1])))
    found = _shown(_value(document.data, path))
    choices = choices_at(path)
    value = _value(document.data, path)
    if choices and isinstance(value, str):
        near = get_close_matches(value, choices, n=1, cutoff=0.6)
        remedy = f"did you mean `{near[0]}`?" if near else "write one of: " + ", ".join(choices)
        _bad(f"{name}:{place}", where, found, "it is none of the words that may stand here", remedy)
    _bad(f"{name}:{place}", where, found, _plain(why), f"write {wanted_at(path)}")


def _unknown(term: str, path: Path, where: str, document: Document, name: str) -> Never:
    names = names_at(path)
    near = get_close_matches(term, names, n=1, cutoff=0.6)
    remedy = f"did you mean `{near[0]}`?" if near else "it knows: " + ", ".join(names)
    place = document.keys.get((*path, term), Place(1, 1))
    raise UnknownTerm(at=f"{name}:{place}", term=printable(term), where=where, remedy=remedy)


def _bad_key(path: Path, why: str, document: Document, name: str, message: str) -> Never:
    members = _value(document.data, path)
    wrong = next((key for key in members if _same_fault(document.data, (*path, key), message)), next(iter(members), ""))
    place = document.keys.get((*path, wrong), Place(1, 1))
    _bad(
        f"{name}:{place}", f"`{_spell(path)}`", _shown(wrong), _plain(why), "use lower-case letters, digits and hyphens"
    )


def _steps(path: str) -> Path:
    steps: list[str | int] = []
    for step in _STEP.finditer(path):
        steps.append(int(step["index"]) if step["index"] else step["name"] or _LOST)
    return tuple(steps)


def _found(path: Path, document: Document, message: str) -> Path:
    """The path with each lost name found again: the member that, left alone, has the same fault."""
    while _LOST in path:
        before = path[: path.index(_LOST)]
        members = _value(document.data, before)
        names = [key for key in members if _same_fault(document.data, (*before, key), message)]
        path = (*before, names[0] if names else next(iter(members)), *path[len(before) + 1 :])
    return path


def _same_fault(data: Any, path: Path, message: str) -> bool:
    try:
        msgspec.convert(_only(data, path), AgreementText)
    except msgspec.ValidationError as error:
        return str(error) == message
    return False


def _only(data: Any, path: Path) -> Any:
    """A copy in which the last step's map has that member alone."""
    step, rest = path[0], path[1:]
    if not rest:
        return {step: data[step]}
    if isinstance(data, list):
        return [_only(item, rest) if index == step else item for index, item in enumerate(data)]
    return {key: _only(item, rest) if key == step else item for key, item in data.items()}


def _value(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _spell(path: Path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    return printable(value) if isinstance(value, str) else str(value).lower()


def _plain(why: str) -> str:
    """msgspec's reason, without its regular expressions and in the words of YAML."""
    if "matching regex" in why:
        return "it has another form than belongs here"
    for python, yaml in (("`object`", "a map"), ("`array`", "a list"), ("`str`", "text"), ("`int`", "a whole number")):
        why = why.replace(python, yaml)
    return why.replace("`float`", "a number").replace("`bool`", "true or false").replace("Expected", "expected")


def _bad(at: str, where: str, found: str, reason: str, remedy: str) -> Never:
    raise BadTerm(at=at, where=where, found=found, reason=reason, remedy=remedy)
