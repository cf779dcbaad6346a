"""Whose word makes a checkpoint good: logs, witnesses and a quorum (C2SP tlog-policy)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.canon import InputError, ProofError, printable
from comity.ledger.keys import Algorithm, BadKey, VerifierKey
from comity.ledger.notes import Note, Signed

MAX_OF_EACH = 256  # tlog-policy: at least 32 logs, witnesses and groups
NONE = "none"
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")


class BadPolicy(InputError):
    what = "this is not a witness policy"
    why = "{reason}"
    do = "mend the line; its form is in docs/ledger.md"


class QuorumNotMet(ProofError):
    what = "too few witnesses have seen this checkpoint"
    why = "the policy asks for {quorum}, and those who cosigned are: {present}"
    do = "wait for more cosignatures, or ask the log for a checkpoint that has them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Witnessed when at least `threshold` of its members are."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Logs that are known, witnesses by the name the policy gives them, groups, and the name of the quorum."""

    logs: tuple[VerifierKey, ...] = ()
    witnesses: Mapping[str, VerifierKey] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = NONE
    urls: Mapping[str, str] = field(default_factory=dict)  # by witness name, or by the name of the log's key

    @property
    def witness_keys(self) -> tuple[VerifierKey, ...]:
        return tuple(self.witnesses.values())

    def check(self, note: Note) -> tuple[Signed, ...]:
        """The cosignatures of witnesses under a note that was opened with their keys.

        Raises: QuorumNotMet.
        """
        cosignatures = tuple(signed for signed in note.by if signed.time)  # time 0 tells nothing
        present = {name for name, key in self.witnesses.items() if any(s.key == key for s in cosignatures)}
        if self.quorum != NONE and not self._witnessed(self.quorum, present):
            raise QuorumNotMet(quorum=printable(self.quorum), present=", ".join(sorted(present)) or "none")
        return tuple(signed for signed in cosignatures if signed.key in self.witness_keys)

    def _witnessed(self, name: str, present: set[str]) -> bool:
        if group := self.groups.get(name):
            return sum(self._witnessed(member, present) for member in group.members) >= group.threshold
        return name in present


def majority(witnesses: Mapping[str, VerifierKey]) -> Policy:
    """Our own default: more than half of the partners, floor(n/2) + 1 of n. A node's own witness is not among them."""
    group = Group(threshold=len(witnesses) // 2 + 1, members=tuple(witnesses))
    return Policy(witnesses=witnesses, groups={"partners": group}, quorum="partners")


def parse_policy(data: bytes) -> Policy:
    """Read a policy file. Raises: BadPolicy, at the line."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadPolicy(reason=f"byte {error.start} is not UTF-8") from error
    reader = _Reader()
    for number, line in enumerate(text.split("\n"), start=1):
        if any((char < " " and char != "\t") or char == "\x7f" for char in line):
            raise BadPolicy(at=f"line {number}", reason="it holds a control character")
        words = re.findall(r"[^ \t]+", line)  # other scripts' spaces are letters here: the file is octets
        if words and not words[0].startswith("#"):
            try:
                reader.line(words)
            except (ValueError, BadKey) as error:
                raise BadPolicy(at=f"line {number}", reason=str(error)) from error
    if reader.quorum is None:
        raise BadPolicy(reason="it has no quorum line")
    return Policy(
        logs=tuple(reader.logs),
        witnesses=reader.witnesses,
        groups=reader.groups,
        quorum=reader.quorum,
        urls=reader.urls,
    )


class _Reader:
    """Takes one line after another; each may name only what stands above it, so nothing can refer in a circle."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, Group] = {}
        self.urls: dict[str, str] = {}
        self.members: set[str] = set()
        self.quorum: str | None = None

    def line(self, words: list[str]) -> None:
        match words:
            case ["log", key, *url] if len(url) <= 1:
                self._log(VerifierKey.parse(key), url)
            case ["witness", name, key, *url] if len(url) <= 1:
                self._witness(name, VerifierKey.parse(key), url)
            case ["group", name, threshold, *members] if members:
                self._group(name, threshold, members)
            case ["quorum", name]:
                if self.quorum is not None:
                    raise ValueError("there is a quorum line already")
                if name != NONE and name not in self.witnesses and name not in self.groups:
                    raise ValueError(f"{printable(name)} is not defined above")
                self.quorum = name
            case _:
                raise ValueError(f"a line beginning with {printable(words[0])} has another form")
        if max(len(self.logs), len(self.witnesses), len(self.groups)) > MAX_OF_EACH:
            raise ValueError(f"there are more than {MAX_OF_EACH} of a kind")

    def _log(self, key: VerifierKey, url: list[str]) -> None:
        if any(known.key == key.key for known in self.logs):
            raise ValueError("this log's key is listed twice")
        self.logs.append(key)
        if url:
            self.urls[key.name] = url[0]

    def _witness(self, name: str, key: VerifierKey, url: list[str]) -> None:
        self._new(name)
        if key.algorithm is not Algorithm.COSIGNATURE:
            raise ValueError("the key of a witness is one for cosignatures")
        if any(known.key == key.key for known in self.witnesses.values()):
            raise ValueError("this witness's key is listed twice")
        self.witnesses[name] = key
        if url:
            self.urls[name] = url[0]

    def _group(self, name: str, threshold: str, members: list[str]) -> None:
        self._new(name)
        for member in members:
            if member not in self.witnesses and member not in self.groups:
                raise ValueError(f"{printable(member)} is not defined above")
            if member in self.members:
                raise ValueError(f"{printable(member)} is a member already")
            self.members.add(member)
        self.groups[name] = Group(threshold=_threshold(threshold, len(members)), members=tuple(members))

    def _new(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise ValueError(f"the name {printable(name)} is taken")


def _threshold(word: str, members: int) -> int:
    if word in ("any", "all"):
        return 1 if word == "any" else members
    if not _NUMBER.fullmatch(word) or int(word) > members:
        raise ValueError(f"{printable(word)} is not any, all, or a number from 1 to {members}")
    return int(word)
