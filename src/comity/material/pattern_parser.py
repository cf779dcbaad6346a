"""Patterns by the OASIS parser, stix2-patterns: the authority for what a pattern is and where its parts stand."""

from __future__ import annotations

from typing import Any

from antlr4.error.Errors import RecognitionException
from stix2patterns.exceptions import ParseException
from stix2patterns.helpers import brackets_check
from stix2patterns.v21.grammars.STIXPatternListener import STIXPatternListener
from stix2patterns.v21.grammars.STIXPatternParser import STIXPatternParser as Tree
from stix2patterns.v21.inspector import InspectionListener
from stix2patterns.v21.object_validator import verify_object
from stix2patterns.v21.pattern import Pattern as Parsed
from stix2patterns.v21.validator import DuplicateQualifierTypeError, ValidationListener

from comity.material.pattern_parts import ANY, Comparison, Constant, ConstantKind, InvalidPattern, unquoted

_PREFIXES: dict[str, ConstantKind] = {"h": "hex", "b": "binary", "t": "timestamp"}


def parse(text: str, *, at: str | None = None) -> tuple[Comparison, ...]:
    """The comparisons of a pattern, in order. Raises: InvalidPattern."""
    if not text.strip() or not brackets_check(text):
        raise InvalidPattern(at=at, reason="it does not start with an observation in square brackets")
    collected, inspected = _Collector(), InspectionListener()
    try:
        parsed = Parsed(text)
        for listener in (collected, inspected, ValidationListener()):
            parsed.walk(listener)
    except ParseException as error:
        raise InvalidPattern(at=at, reason=_place(str(error))) from None
    except DuplicateQualifierTypeError as error:
        raise InvalidPattern(
            at=at, reason=f"the qualifier {error.qual_type.name} stands twice on one observation"
        ) from None
    except (RecognitionException, RecursionError, ValueError) as error:
        raise InvalidPattern(at=at, reason=f"its parser gave up ({type(error).__name__})") from None
    if verify_object(inspected.pattern_data()):
        raise InvalidPattern(at=at, reason="a hash has not the length or the characters of its kind")
    return tuple(collected.comparisons)


def _place(message: str) -> str:
    """The parser's complaint without the pattern's own text, which may be personal data."""
    where = message.partition("line ")[2].split(".", 1)[0].strip()
    return f"the parser stopped at line {where}" if where[:1].isdigit() else "the parser refused it"


class _Collector(STIXPatternListener):  # type: ignore[misc]
    """Keeps each comparison with its spans, as the parser's walker leaves it."""

    def __init__(self) -> None:
        self.comparisons: list[Comparison] = []

    def _keep(self, ctx: Any, operator: str, literals: list[Any]) -> None:
        path = ctx.objectPath()
        self.comparisons.append(
            Comparison(
                object_type=path.objectType().getText(),
                path=(_step(path.firstPathComponent()), *_steps(path.objectPathComponent())),
                path_span=_span(path),
                operator=operator,
                negated=ctx.NOT() is not None,
                constants=tuple(_constant(literal) for literal in literals),
            )
        )

    def exitPropTestEqual(self, ctx: Any) -> None:
        self._keep(ctx, "=" if ctx.EQ() else "!=", [ctx.primitiveLiteral()])

    def exitPropTestOrder(self, ctx: Any) -> None:
        operator = next(sign for sign, found in _orders(ctx) if found)
        self._keep(ctx, operator, [ctx.orderableLiteral()])

    def exitPropTestSet(self, ctx: Any) -> None:
        self._keep(ctx, "IN", ctx.setLiteral().primitiveLiteral())

    def exitPropTestLike(self, ctx: Any) -> None:
        self._keep(ctx, "LIKE", [ctx.StringLiteral()])

    def exitPropTestRegex(self, ctx: Any) -> None:
        self._keep(ctx, "MATCHES", [ctx.StringLiteral()])

    def exitPropTestIsSubset(self, ctx: Any) -> None:
        self._keep(ctx, "ISSUBSET", [ctx.StringLiteral()])

    def exitPropTestIsSuperset(self, ctx: Any) -> None:
        self._keep(ctx, "ISSUPERSET", [ctx.StringLiteral()])

    def exitPropTestExists(self, ctx: Any) -> None:
        self._keep(ctx, "EXISTS", [])


def _orders(ctx: Any) -> tuple[tuple[str, Any], ...]:
    return (">", ctx.GT()), ("<", ctx.LT()), (">=", ctx.GE()), ("<=", ctx.LE())


def _span(node: Any) -> tuple[int, int]:
    """Where a node of the tree stands; a leaf keeps its token in `symbol`."""
    token = getattr(node, "symbol", None)
    return (token.start, token.stop + 1) if token else (node.start.start, node.stop.stop + 1)


def _constant(node: Any) -> Constant:
    text = node.getText()
    return Constant(span=_span(node), value=unquoted(text), kind=_kind(text))


def _kind(text: str) -> ConstantKind:
    if text[0] == "'":
        return "string"
    if text in {"true", "false"}:
        return "boolean"
    return _PREFIXES.get(text[0]) or ("float" if "." in text else "integer")


def _step(node: Any) -> str:
    return unquoted(node.getText())


def _steps(node: Any) -> list[str | int]:
    """The path after its first step: the tree nests to the left, so it is walked back to front."""
    if node is None:
        return []
    found: list[str | int] = []
    while isinstance(node, Tree.PathStepContext):
        left, right = node.objectPathComponent()
        found.insert(0, _one_step(right))
        node = left
    found.insert(0, _one_step(node))
    return found


def _one_step(node: Any) -> str | int:
    if isinstance(node, Tree.IndexPathStepContext):
        return ANY if node.ASTERISK() else int(node.IntPosLiteral().getText())
    return unquoted(node.getText()[1:])
