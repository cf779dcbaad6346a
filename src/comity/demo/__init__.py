"""demo: the story that `comity demo` tells, and the data it tells it with."""

from comity.demo.chapter import Chapter, Check
from comity.demo.chapters import CHAPTERS
from comity.demo.packaged import Packaged
from comity.demo.stage import DAY, PARTIES, Stage

__all__ = ["CHAPTERS", "DAY", "PARTIES", "Chapter", "Check", "Packaged", "Stage"]
