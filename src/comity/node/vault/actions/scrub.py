"""scrub: see that what was destroyed is in no file of the databases any more, as far as a database can see to that.

SQLite: `secure_delete` overwrites what is deleted; the write-ahead log, which still holds the pages as they were, is
        copied back and cut to nothing. That is done once an hour in any case, since rows lose names as well as keys.
PostgreSQL: a plain VACUUM leaves the old bytes in the page, so the tables of keys and salts are written anew
        (VACUUM FULL, under a lock of a moment) and their old files go. Content is left to autovacuum: without its key
        it is noise.
        What remains: an id that a row had before it was renamed (`vault.names`) is in its page until that is written
        anew. The database of keys has a write-ahead log too, until its segments are overwritten. Wrapped keys
        in it open with the node's sealing key alone. It must not be archived for longer than keys may be restored.
Neither reaches into a file system's or a disk's own old blocks: these are the operator's (see SP 800-88).
"""

from __future__ import annotations

from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from comity.node import clock
from comity.node.databases import KEYS
from comity.node.journal.models import Salt
from comity.node.vault.models import BoxKey

_WAIT = 2_000  # ms to wait for others who read or write, where there is time for that


def scrub(*, patient: bool = True, wait: int = _WAIT) -> bool:
    """Whether no file holds the bytes of a destroyed key. Impossible inside a transaction: False, and the next tries.

    Args: patient: write tables anew, and see to renamed rows too; else that is left to the next thorough sweep.
          wait: milliseconds for others who read or write; who is in the way for longer leaves it to the next sweep.
    """
    opened = [connections["default"], connections[KEYS]]
    if any(connection.in_atomic_block for connection in opened):
        return False
    begun = clock.real()
    fresh = BoxKey.objects.filter(destroyed_at__lte=begun, scrubbed=False)
    there = fresh.exists()
    if not there and not patient:
        return True
    # Each is tried, whatever becomes of the other.
    done = [_scrub(connection, patient, there, wait) for connection in opened]
    if not all(done):
        return False
    fresh.update(scrubbed=True)
    return True


def _scrub(connection: BaseDatabaseWrapper, patient: bool, there: bool, wait: int) -> bool:
    if connection.vendor == "sqlite":
        return _truncate(connection, wait)
    return connection.alias != KEYS or not there or (patient and _rewrite(connection))


def _truncate(connection: BaseDatabaseWrapper, wait: int) -> bool:
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {wait:d}")
        try:
            busy, left, _done = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except OperationalError:  # another connection is at it
            return False
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual:d}")
    return bool(busy == 0 and left <= 0)  # -1: a database without such a log


# Nobody can need any more what a transaction up to that one has replaced: all of them, in whichever database of the
# server, have ended (VACUUM FULL goes by a snapshot of its own, which minds them all), and nobody reads here as things
# were. INVARIANT: once it is so it remains so, hence what begins to run or read after it keeps no destroyed key.
_SETTLED = """
    SELECT pg_snapshot_xmin(pg_current_snapshot()) > %s::xid8 AND NOT EXISTS (
        SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_xmin IS NOT NULL AND backend_type <> 'autovacuum worker'
    )
"""
_LOOKS = 20  # at whether it is settled, over `_WAIT`


def _rewrite(connection: BaseDatabaseWrapper) -> bool:
    tables = [connection.ops.quote_name(model._meta.db_table) for model in (BoxKey, Salt)]
    with connection.cursor() as cursor:
        if not _settled(cursor):
            return False
        cursor.execute(f"SET lock_timeout = {_WAIT:d}")
        try:
            for table in tables:
                cursor.execute(f"VACUUM (FULL) {table}")
        except OperationalError:  # the lock was not to be had in time
            return False
        finally:
            cursor.execute("RESET lock_timeout")
    return True


def _settled(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT pg_current_xact_id()::text")
    (newest,) = cursor.fetchone()
    for _ in range(_LOOKS):
        cursor.execute(_SETTLED, [newest])
        if cursor.fetchone()[0]:
            return True
        cursor.execute("SELECT pg_sleep(%s)", [_WAIT / 1000 / _LOOKS])
    return False
