"""Working: the loop of the library's worker, in threads, and a tick each second that wakes what is due."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
import time
from types import FrameType

import structlog
from django.db import DatabaseError, InterfaceError, close_old_connections, connections
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from comity.canon import ComityError
from comity.node import chance, clock
from comity.node.config import NodeConfig
from comity.node.due import actions
from comity.node.exchange import actions as exchange
from comity.node.journal import actions as journal
from comity.node.running import checking

THREADS = 2  # one that waits for a partner leaves the other for what is at home
LOOK_EVERY = 0.2  # seconds between looks of each thread into an empty queue: one indexed read
TICK = 1.0  # seconds
AFTER_FAULT = 1.0  # seconds until a database that failed is asked again
PRUNE_EVERY = 600  # ticks
WENT_BACK = dt.timedelta(seconds=5)  # less is a clock that is kept right

log = structlog.get_logger(__name__)


def work(config: NodeConfig, *, threads: int = THREADS) -> None:
    """Until SIGTERM or SIGINT; work under way is finished. A second signal ends it at once, and nothing is lost.

    Raises: NotReady, BadClock.
    """
    checking.may_work(config)
    journal.begin(clock.now())  # INVARIANT: nothing is signed before the witnesses have said what they hold (A71)
    exchange.begin(clock.now())
    connections.close_all()
    asked = _Asked()
    stop = threading.Event()
    hands = [threading.Thread(target=Hand(stop).run, name=f"hand-{number}") for number in range(threads)]
    for hand in hands:
        hand.start()
    log.info("working", node=config.party, threads=threads)
    Ticker().run(asked)
    stop.set()
    for hand in hands:
        hand.join()
    log.info("stopped working")


class _Asked:
    """Whether somebody asked this process to stop. A signal's handler sets it and does nothing else."""

    def __init__(self) -> None:
        self.to_stop = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        if self.to_stop:
            os._exit(1)
        self.to_stop = True


class Hand(Worker):
    """One thread of the library's worker: it looks before it locks, and outlives a database that goes away."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__(
            queue_names=["*"],
            interval=LOOK_EVERY,
            batch=True,  # it returns when the queue is empty, and we wait for the next task
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{os.getpid()}-{chance.octets(8).hex()}",
            excluded_queue_names=[],
        )
        self._stop = stop

    @property
    def running(self) -> bool:
        """Asked by the library between two tasks."""
        return not self._stop.is_set()

    @running.setter
    def running(self, value: bool) -> None:
        """The library says it runs, when it is made."""

    def run(self) -> None:
        while self.running:
            try:
                if DBTaskResult.objects.ready().exists():
                    super().run()
                else:
                    self._stop.wait(LOOK_EVERY)
            except Exception as error:  # whatever it is, the next task may be another matter
                _failed(error)
                self._stop.wait(AFTER_FAULT)
        connections.close_all()


class Ticker:
    """What is to be looked after each second, whatever the threads are busy with."""

    def __init__(self) -> None:
        self._ticks = 0
        self._latest: dt.datetime | None = None

    def run(self, asked: _Asked) -> None:
        while not asked.to_stop:
            try:
                close_old_connections()
                self.tick()
            except Exception as error:  # as long as it lasts no work is woken, and each second it is tried again
                _failed(error)
            for _ in range(round(TICK / LOOK_EVERY)):
                if not asked.to_stop:
                    time.sleep(LOOK_EVERY)
        connections.close_all()

    def tick(self) -> None:
        """Raises: BadClock; the database's own errors."""
        now = clock.now()
        if self._latest is not None and now < self._latest - WENT_BACK:
            log.error("the business clock went back", seconds=round((self._latest - now).total_seconds()))
        self._latest = now
        actions.keep_recurring(now)
        actions.wake(now)
        if self._ticks % PRUNE_EVERY == 0:
            actions.prune(now)
        self._ticks += 1


def _failed(error: Exception) -> None:
    told = {"why": error.sentence, "do": error.remedy} if isinstance(error, ComityError) else {}
    log.error("no work is done", error=type(error).__name__, **told)
    if isinstance(error, DatabaseError | InterfaceError):
        connections.close_all()
