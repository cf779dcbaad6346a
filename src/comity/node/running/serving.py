"""Serving: Granian with our gateway, TLS, and limits that a stranger cannot wear out."""

from __future__ import annotations

import resource
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.db import connections
from granian.constants import HTTPModes, Interfaces, Loops, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from comity.node.config import NodeConfig
from comity.node.running import checking
from comity.node.running.gateway import MOST_HEAD, Gateway
from comity.node.wsgi import application

WORKERS = 1  # processes; with SQLite more of them only wait for one another's writes. With PostgreSQL: one a core
THREADS = 8  # of each process; they wait for disk and scrypt more than they compute
CONNECTIONS = 2048  # of each process, so that a thousand slow senders leave room (attack A33)
BACKLOG = 1024  # connections that wait to be taken
HEAD_WITHIN = 15_000  # milliseconds for a request's head; a connection without requests is closed after it too
ENDS_WITHIN = 30  # seconds for requests under way when the node is stopped

log = structlog.get_logger(__name__)


def serve(config: NodeConfig, *, workers: int = WORKERS, threads: int = THREADS) -> None:
    """Until SIGTERM or SIGINT; requests under way are answered. Raises: NotReady, BadClock."""
    checking.may_serve(config)
    _room_for_connections(workers)
    connections.close_all()  # no connection to a database is shared with the processes that are forked now
    server = Server(
        "comity.node",
        address=config.host.strip("[]"),
        port=config.port,
        interface=Interfaces.RSGI,
        workers=workers,
        respawn_failed_workers=True,
        workers_kill_timeout=ENDS_WITHIN,
        loop=Loops.asyncio,
        http=HTTPModes.http1,  # one framing; nobody here needs the second one's streams
        websockets=False,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_WITHIN, max_buffer_size=MOST_HEAD),
        ssl_cert=config.certificate,
        ssl_key=config.key,
        ssl_protocol_min=SSLProtocols.tls12,
        log_level=LogLevels.warning,
        log_dictconfig=_LOGS,
    )
    server.on_startup(lambda: log.info("serving", url=config.url, listen=f"{config.host}:{config.port}"))
    server.on_shutdown(lambda: log.info("stopped serving"))

    def gateway() -> Any:  # in each process, which has threads of its own
        return Gateway(application, threads, urlsplit(config.url).hostname or "")

    try:
        server.serve(target_loader=gateway, wrap_loader=False)
    except SystemExit:
        # A terminal or a supervisor signals the whole group, and Granian takes its processes' end for a crash.
        if not server.interrupt_signal:
            raise


# Granian sets up logging anew in each process; this leaves ours as it is and hands it Granian's.
_LOGS = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"level": "WARNING"}, "granian.access": {"level": "WARNING"}},
}


def _room_for_connections(workers: int) -> None:
    """Each connection is a file; the usual limit of 1024 is less than we take."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = workers * CONNECTIONS * 2
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
