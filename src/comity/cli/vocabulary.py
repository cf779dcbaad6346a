"""`comity vocabulary`: the shared words of agreements and messages, and each jurisdiction's own words beside them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.table import Table

from comity.canon import InputError
from comity.cli.law import JsonOption, PackOption, codes_of, say_where_from, table_of
from comity.cli.terminal import out, print_json, safe
from comity.law import Concept, Law, OwnWord, crosswalk

CODES = "With --crosswalk or a term: only these jurisdictions, with commas: EE,BR."


class TermAndCrosswalk(InputError):
    what = "a term and --crosswalk were both given"
    why = "a term is explained with its own part of the crosswalk; --crosswalk prints all of it"
    do = "leave one of them out"


def vocabulary(
    term: Annotated[str | None, typer.Argument(help="An id, a word, or a jurisdiction's own word.")] = None,
    whole: Annotated[bool, typer.Option("--crosswalk", help="Every jurisdiction's own words.")] = False,
    codes: Annotated[str | None, typer.Option("--in", help=CODES)] = None,
    law_pack: PackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain a shared word with its counterpart in a published standard; without a word, list them all.

    A jurisdiction's own words are those of its law and of the law pack's file of it; each line names the fact.
    """
    if term is not None and whole:
        raise TermAndCrosswalk
    law = Law.load(law_pack)
    concepts = law.vocabulary.find(term) if term is not None else law.vocabulary.concepts
    lines = crosswalk(law, codes_of(codes) if codes else law.codes) if whole or term is not None else ()
    if term is not None:
        meant = {concept.id for concept in concepts} | {f"{concept.prefix}.*" for concept in concepts}
        lines = tuple(line for line in lines if meant.intersection(line.shared))
    if as_json:
        shown = () if whole else concepts
        print_json({"concepts": [_concept(one) for one in shown], "crosswalk": [_own_word(line) for line in lines]})
        return
    if term is not None:
        _explain(concepts)
    elif not whole:
        _list(concepts)
    _show(lines)
    say_where_from(law)


def _explain(concepts: Iterable[Concept]) -> None:
    for concept in concepts:
        out.print(f"[bold]{safe(concept.spelled)}[/] ({safe(concept.family.replace('_', ' '))}, {concept.id})")
        out.print(safe(concept.definition))
        standard = "no published counterpart" if concept.standard == "local" else concept.standard
        out.print(safe(f"  standard: {standard}, {concept.name}"), style="dim")
        for name in ("broader", "gdpr", "stix"):
            if value := getattr(concept, name):
                out.print(safe(f"  {name}: {value}"), style="dim")
        out.print()


def _list(concepts: Iterable[Concept]) -> None:
    ordered = sorted(concepts, key=lambda concept: concept.family)
    for family, group in groupby(ordered, key=lambda concept: concept.family):
        table = table_of(family.replace("_", " "), ("word", 2), ("means", 5), ("standard", 1))
        for concept in group:
            table.add_row(safe(concept.spelled), safe(concept.definition), safe(concept.standard))
        out.print(table)


def _show(lines: Iterable[OwnWord]) -> None:
    for (code, family), group in groupby(lines, key=lambda line: (line.jurisdiction, line.family)):
        table: Table = table_of(
            f"{code}: {family.replace('_', ' ')}", ("its own words", 4), ("shared", 3), ("there", 3), ("id to cite", 3)
        )
        for line in group:
            table.add_row(safe(line.own), safe(", ".join(line.shared) or "none"), safe(line.detail), safe(line.fact.id))
        out.print(table)


def _concept(concept: Concept) -> dict[str, Any]:
    return {
        "id": concept.id,
        "word": concept.spelled,
        "family": concept.family,
        "definition": concept.definition,
        "standard": concept.standard,
        "name": concept.name,
        "broader": concept.broader,
        "gdpr": concept.gdpr,
        "stix": concept.stix,
    }


def _own_word(line: OwnWord) -> dict[str, Any]:
    return {
        "jurisdiction": line.jurisdiction,
        "family": line.family,
        "own": line.own,
        "shared": list(line.shared),
        "there": line.detail,
        "fact": line.fact.id,
        "citation": line.fact.citation,
        "confidence": line.fact.confidence,
    }
