"""One SQLite file: who may read it, how it commits, and two connections off the event loop.

`sqlite3` is used directly in two single threads, not through aiosqlite: a whole transaction is then one function that
no other task can interleave with, and rows become messages off the loop too.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from r1tui.domain.phrase import PhrasedError, phrase

if TYPE_CHECKING:
    import sqlite3
    from sqlite3 import Connection

Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")

BUSY_SECONDS = 15.0
"""How long a write waits for another R1TUI's."""
STEPS_UNASKED = 10_000
"""SQLite's own steps between two looks at whether a read is still wanted: a search of some hundred messages."""
NETWORK_FILE_SYSTEMS = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "ceph",
        "glusterfs",
        "lustre",
        "davfs",
        "virtiofs",
        "ncpfs",
    }
)
"""Types in /proc/mounts on which WAL's shared memory does not work between machines (sqlite.org/wal.html)."""
_NETWORK_FUSE = ("sshfs", "rclone", "s3fs", "gcsfuse", "davfs", "glusterfs", "ceph", "smb", "curlftpfs")


class StoreError(PhrasedError):
    """The store could not do something. `phrase` is one sentence for the user."""


class StoreDamaged(StoreError):
    """The file is not a sound database."""


class Mended(str):
    """Text of the store of which some bytes were no UTF-8; they are U+FFFD here."""

    __slots__ = ()


def decoded(data: bytes) -> str:
    """Stored text. Never fails: sqlite3's own decoding would, for a whole query, at one bad byte in one row."""
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError:
        return Mended(data.decode("utf-8", "replace"))


class Database:
    """An open database. `read` and `write` run a function of the connection in a thread of its own."""

    def __init__(
        self, path: Path, *, network: bool = False, lock: int | None = None, in_memory: bool = False
    ) -> None:
        self.path = path
        self.in_memory = in_memory
        """Nothing is on the disk, and all of it ends with this object; `path` is where it would have been."""
        self._lock = lock
        self.network = network
        """The folder is on a network file system: no WAL."""
        self._writer_thread = ThreadPoolExecutor(1, "r1tui-store-writer")
        self._reader_thread = (
            self._writer_thread if in_memory else ThreadPoolExecutor(1, "r1tui-store-reader")
        )
        self._writer: Connection | None = None
        self._reader: Connection | None = None
        self._file: tuple[int, int] | None = None

    def connect(self) -> None:
        """Open both connections (blocking; run it in a thread). Raises `StoreError`."""
        with translated(self.path):
            if self.in_memory:
                self._writer = self._reader = connect(Path(":memory:"))
                return
            with ExitStack() as opened:
                writer = opened.enter_context(closing(connect(self.path, network=self.network)))
                reader = opened.enter_context(closing(connect(self.path, network=self.network)))
                reader.execute("PRAGMA query_only = ON")
                opened.pop_all()  # both are open, and stay so
            self._writer, self._reader = writer, reader
            self._file = self._file_in_place()

    def _file_in_place(self) -> tuple[int, int] | None:
        """Which file has the database's name; None where none has."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        # Some network file systems number a file anew each time.
        return (found.st_dev, found.st_ino) if not self.network else (0, 0)

    def _check_place(self) -> None:
        """Raise `StoreError` where the file was moved or deleted: SQLite writes on, and nobody would find it again."""
        if not self.in_memory and self._file_in_place() != self._file:
            raise StoreError(phrase("store.moved", path=str(self.path)))

    def writer(self) -> Connection:
        """The connection that writes, for what is done before the database is used."""
        assert self._writer is not None
        return self._writer

    async def write(self, job: Callable[..., Value], /, *args: object) -> Value:
        """Run `job(connection, *args)` as one transaction: all of it is committed, or nothing. Raises
        `StoreError`."""

        def transaction() -> Value:
            assert self._writer is not None
            self._check_place()
            with translated(self.path), immediate(self._writer) as connection:
                return job(connection, *args)

        return await self._run(self._writer_thread, transaction)

    async def outside(self, job: Callable[..., Value], /, *args: object) -> Value:
        """Run `job(connection, *args)` on the writer outside a transaction (PRAGMA, VACUUM). Raises
        `StoreError`."""

        def plain() -> Value:
            assert self._writer is not None
            with translated(self.path):
                return job(self._writer, *args)

        return await self._run(self._writer_thread, plain)

    async def read(self, job: Callable[..., Value], /, *args: object) -> Value:
        """Run `job(connection, *args)` on the reader, which sees one state of the data. Raises
        `StoreError`.

        Where the caller is cancelled the job ends too: what is asked next does not wait for a search that nobody
        wants any more.
        """
        unwanted = threading.Event()

        def snapshot() -> Value:
            assert self._reader is not None
            with translated(self.path):
                self._reader.execute("BEGIN")
                self._reader.set_progress_handler(unwanted.is_set, STEPS_UNASKED)
                try:
                    return job(self._reader, *args)
                finally:
                    self._reader.set_progress_handler(None, 0)
                    self._reader.execute("COMMIT")

        try:
            return await self._run(self._reader_thread, snapshot)
        except asyncio.CancelledError:
            unwanted.set()
            raise

    async def _run(self, thread: ThreadPoolExecutor, job: Callable[[], Value]) -> Value:
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, job)
        except RuntimeError as error:  # the executor was shut down
            raise StoreError(phrase("store.closed")) from error

    async def close(self) -> None:
        """Finish what is under way and close. May be called twice."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        # One behind the other: the last connection that closes empties the log, and of two at once neither is the last.
        if self._reader is not None and self._reader is not self._writer:
            self._reader_thread.submit(self._reader.close).result()
        if self._writer is not None:
            self._writer_thread.submit(self._writer.close).result()
        self._reader_thread.shutdown(wait=True)
        self._writer_thread.shutdown(wait=True)
        self._reader = self._writer = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def connect(path: Path, *, network: bool = False) -> Connection:
    """A connection that commits durably and only where told to."""
    import sqlite3

    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.text_factory = decoded
        connection.execute("PRAGMA foreign_keys = ON")
        # Set each time: WAL is kept in the file, and the folder may have moved to or from a network since.
        patiently(connection, f"PRAGMA journal_mode = {'TRUNCATE' if network else 'WAL'}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -4096")
        # What was deleted is overwritten: it neither lies in the file nor comes back when a damaged file is read by pages.
        connection.execute("PRAGMA secure_delete = ON")
        # No conversation's text in a temporary file, which would be outside the data folder.
        connection.execute("PRAGMA temp_store = MEMORY")
    except BaseException:
        connection.close()
        raise
    return connection


def patiently(connection: Connection, statement: str) -> None:
    """Execute a statement for which SQLite does not wait for others by itself, as for a change of the journal mode."""
    import sqlite3

    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute(statement).fetchone()
        except sqlite3.OperationalError as error:
            if (
                primary_code(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
                or time.monotonic() > end
            ):
                raise
            time.sleep(0.002 + time.monotonic_ns() % 16 / 1000)  # not in step with the others that wait
        else:
            return


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code, without its extension; 0 where there is none."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


@contextmanager
def immediate(connection: Connection) -> Iterator[Connection]:
    """A write transaction that waits for its turn at the start, so that it cannot fail half-way for
    another's write."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        # Of some faults, such as a full disk, SQLite itself takes everything back.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into `StoreError`s, and leave a mark beside a file that looks damaged."""
    import sqlite3

    try:
        yield
    except sqlite3.Error as error:
        code = primary_code(error)
        # A damaged header can also claim a format of some SQLite to come, which has no code of its own.
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "unsupported file format" in str(error):
            with suppress(OSError):
                suspicion(path).touch(mode=0o600)
            raise StoreDamaged(phrase("store.damaged", path=str(path))) from error
        if code == sqlite3.SQLITE_FULL:
            raise StoreError(phrase("store.disk_full", path=str(path.parent))) from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreError(phrase("store.busy")) from error
        if code == sqlite3.SQLITE_READONLY:
            raise StoreError(phrase("store.read_only", path=str(path))) from error
        if isinstance(error, sqlite3.IntegrityError):
            raise StoreError(phrase("store.gone")) from error
        raise StoreError(phrase("store.failed", detail=str(error))) from error


def suspicion(path: Path) -> Path:
    """The mark that asks for a full check at the next start."""
    return path.with_name(path.name + ".suspect")


def make_private(path: Path) -> None:
    """Make the folder (0700) and the file (0600), and take others' rights away where they were wider."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.fstat(descriptor).st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def network_file_system(folder: Path, mounts: Path = Path("/proc/mounts")) -> str | None:
    """The type of the network file system that holds `folder`; None on a local one or where it cannot be
    known."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    target = folder.resolve()
    longest, found = -1, None
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
        if target.is_relative_to(point) and len(point.parts) >= longest:
            longest, found = len(point.parts), fields[2]
    if found is None:
        return None
    fuse = found.removeprefix("fuse.")
    remote = found in NETWORK_FILE_SYSTEMS or (fuse != found and fuse.startswith(_NETWORK_FUSE))
    return found if remote else None
