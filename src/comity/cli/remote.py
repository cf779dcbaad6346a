"""A running node, asked over HTTPS with the person's own token: the way of every verb on a node.

No option names an actor and no key is read: who acts is whose token it is, and only the node signs. What the node
refuses is told in its own three lines, as if it had happened here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn

from comity.canon import InputError, StrictJsonError, loads, printable
from comity.cli.access import connection, stored
from comity.cli.terminal import err

if TYPE_CHECKING:
    from httpx2 import Client, Response

NOTHING_MAY, ONLY_WAITING, NOT_REACHED = 3, 4, 5  # exit statuses; 2 is bad input with nothing done
PATIENCE = 900.0  # seconds for a node to decide about a file
_CHUNK = 256 * 1024


class NotReached(InputError):
    what = "{node} was not reached"
    why = "{reason}"
    do = "check that the node runs, and the way to it; nothing was sent"
    exit_status = NOT_REACHED


class NoAnswer(InputError):
    what = "{node} did not answer"
    why = "{reason}"
    do = "it may have been done all the same: look at `comity queue` or `comity release` before you do it again"
    exit_status = NOT_REACHED


class NodeFailed(InputError):
    what = "{node} failed"
    why = "it answered with status {status}"
    do = "try again; if it happens again, tell whoever runs the node what you did and when"
    exit_status = NOT_REACHED


class NodeRefused(InputError):
    """What the node said."""

    what = "{sentence}"
    do = "{remedy}"


class NotAnId(InputError):
    what = "{named} is not an id"
    why = "an id of a node has 32 hexadecimal digits in five groups"
    do = "copy it as `comity queue`, `comity submit` or `comity release` prints it"


def identifier(text: str) -> str:
    """An id that somebody typed, as a step of a path. Raises: NotAnId."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise NotAnId(named=printable(text)) from error


@dataclass(frozen=True)
class Node:
    """The node that one is signed in to."""

    url: str
    client: Client

    def get(self, path: str, /, **query: Any) -> Any:
        """What `GET /api/PATH` answers. A query of None is left out. Raises: NotReached, NoAnswer, NodeRefused."""
        return self._ask("GET", path, params={name: value for name, value in query.items() if value is not None})

    def post(self, path: str, doing: str, /, **body: Any) -> Any:
        """The same for POST. `doing`: what the person is told meanwhile."""
        with _working(doing):
            return self._ask("POST", path, **({"json": body} if body else {}))

    def send(self, path: str, data: bytes, doing: str, /, **query: Any) -> Any:
        """A file as the body; how far it is, is shown."""
        with _sending(len(data), doing) as sent:

            def parts() -> Iterator[bytes]:
                for start in range(0, len(data), _CHUNK):
                    yield data[start : start + _CHUNK]
                    sent(min(start + _CHUNK, len(data)))

            headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(data))}
            asked = {name: value for name, value in query.items() if value is not None}
            return self._ask("POST", path, params=asked, content=parts(), headers=headers)

    def _ask(self, method: str, path: str, **how: Any) -> Any:
        import httpx2

        try:
            answer = self.client.request(method, f"/api/{path}", timeout=httpx2.Timeout(PATIENCE, connect=20), **how)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise NotReached(node=self.url, reason=str(error) or type(error).__name__) from error
        except httpx2.HTTPError as error:
            raise NoAnswer(node=self.url, reason=str(error) or type(error).__name__) from error
        return self._read(answer)

    def _read(self, answer: Response) -> Any:
        try:
            said = loads(answer.content) if answer.content else None
        except StrictJsonError as error:
            raise NodeFailed(node=self.url, status=answer.status_code) from error
        if answer.is_success:
            return said
        if answer.status_code >= 500 or not isinstance(said, dict) or "sentence" not in said:
            raise NodeFailed(node=self.url, status=answer.status_code)
        raise NodeRefused(sentence=str(said["sentence"]), remedy=str(said.get("do", "")))


@contextmanager
def reached() -> Iterator[Node]:
    """The node of the stored token. Raises: NotSignedIn."""
    access = stored()
    with connection(access.node, access.trust, access.token) as client:
        yield Node(url=access.node, client=client)


@contextmanager
def _working(doing: str) -> Iterator[None]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        progress.add_task(doing, total=None)
        yield


@contextmanager
def _sending(size: int, doing: str) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("sending", total=size)

        def sent(so_far: int) -> None:
            progress.update(task, completed=so_far)
            if so_far == size:
                progress.update(task, description=doing, total=None)

        yield sent
