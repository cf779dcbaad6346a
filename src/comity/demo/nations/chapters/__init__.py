"""The chapters of the three nations' story, in the order in which they are told. Each takes the world as it stands."""

from collections.abc import Callable

from comity.demo.chapter import Chapter
from comity.demo.nations.chapters.agreed import agreed
from comity.demo.nations.chapters.at_once import at_once
from comity.demo.nations.chapters.denied import denied
from comity.demo.nations.chapters.forked import forked
from comity.demo.nations.chapters.gone import gone
from comity.demo.nations.chapters.incident import incident
from comity.demo.nations.chapters.proved import proved
from comity.demo.nations.chapters.read_by_others import read_by_others
from comity.demo.nations.chapters.verified import verified
from comity.demo.nations.world import World

CHAPTERS: tuple[Callable[[World], Chapter], ...] = (
    agreed,
    at_once,
    incident,
    read_by_others,
    denied,
    proved,
    forked,
    gone,
    verified,
)
