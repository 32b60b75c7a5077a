"""A mirror of Ollama's downloads on loopback: Range, redirects, published sums; cuts the line where a test says."""

from __future__ import annotations

import hashlib
import io
import platform
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import zstandard

MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
ZST, TGZ = f"ollama-linux-{MACHINE}.tar.zst", f"ollama-linux-{MACHINE}.tgz"


class Mirror:
    """Serves files with Range; can cut the line, and redirects `/download/` as ollama.com does."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cuts: list[int] = []
        """The next answers end after so many bytes."""
        self.ranges: list[str] = []
        self.ignore_range = False
        self.announced: dict[str, int | None] = {}
        """Lengths that HEAD tells where they are not the files' own; None for no length."""
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                pass

            def do_HEAD(self) -> None:
                self.do_GET()

            def do_GET(self) -> None:
                folder, _, name = self.path.rpartition("/")
                if name not in mirror.files:
                    self.send_error(404)
                elif folder == "/download":
                    self.send_response(307)
                    self.send_header("Location", f"/releases/download/v9.8.7/{name}")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                else:
                    self._serve(name, mirror.files[name])

            def _serve(self, name: str, body: bytes) -> None:
                asked = self.headers.get("Range", "")
                start = (
                    int(asked.removeprefix("bytes=").rstrip("-")) if asked and not mirror.ignore_range else 0
                )
                if self.command == "GET":
                    mirror.ranges.append(asked)
                self.send_response(206 if start else 200)
                length = len(body) - start
                told = mirror.announced.get(name, length) if self.command == "HEAD" else length
                if told is not None:
                    self.send_header("Content-Length", str(told))
                self.end_headers()
                if self.command == "GET":
                    rest = body[start:]
                    if len(body) > 1000 and mirror.cuts:
                        rest = rest[: mirror.cuts.pop(0)]
                        self.close_connection = True
                    self.wfile.write(rest)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/download"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def offer(self, name: str, body: bytes, digest: str | None = None) -> None:
        """Publish `body` and its sum (or a wrong one)."""
        self.files[name] = body
        digest = digest or hashlib.sha256(body).hexdigest()
        sums = self.files.get("sha256sum.txt", f"{'0' * 64}  ./other.zip\n".encode())
        self.files["sha256sum.txt"] = sums + f"{digest}  ./{name}\n".encode()

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()


def tar_of(members: dict[str, bytes], *, links: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(body), 0o755
            archive.addfile(info, io.BytesIO(body))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return buffer.getvalue()


def members_of(ollama: Path) -> dict[str, bytes]:
    """What an archive of that server holds: the program, and since 0.30 what it runs models with, in `lib/ollama`.

    The folders in there are for GPUs, gigabytes each, and are left out.
    """
    library = ollama.resolve().parent.parent / "lib" / "ollama"
    files = [file for file in library.iterdir() if file.is_file()] if library.is_dir() else []
    return {"bin/ollama": ollama.read_bytes()} | {
        f"lib/ollama/{file.name}": file.read_bytes() for file in sorted(files)
    }


def zst(tar: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(tar)


@contextmanager
def served(members: dict[str, bytes]) -> Iterator[str]:
    """A mirror with one archive; gives its address."""
    mirror = Mirror()
    mirror.offer(ZST, zst(tar_of(members)))
    try:
        yield mirror.url
    finally:
        mirror.close()
