"""The desk's pages: home, the queue, a question with its before and after, and the answers to it."""

from comity.node.desk.pages.answers import approve, look, reject, strip
from comity.node.desk.pages.home import home
from comity.node.desk.pages.question import question
from comity.node.desk.pages.queue import queue

__all__ = ["approve", "home", "look", "question", "queue", "reject", "strip"]
