"""A real model registry: Debian's docker-registry, with nginx serving its blobs at a speed that a test sets.

Ollama expects a redirect for blobs; the redirect goes to another host name (`localhost`) than the registry's
(`127.0.0.1`), or Ollama follows it too early.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.ollama_server import OllamaServer, end_group, free_port
from tests.support.provision import find_tool

_REGISTRY = """version: 0.1
log: {{level: warn}}
storage:
  filesystem: {{rootdirectory: {storage}}}
  delete: {{enabled: true}}
middleware:
  storage:
    - name: redirect
      options: {{baseurl: "http://localhost:{blob_port}/"}}
http: {{addr: "127.0.0.1:{port}"}}
"""
# Everything nginx writes stays in the folder.
_NGINX = """daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
worker_processes 1;
{user}
events {{ worker_connections 256; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/tmp-body;
  proxy_temp_path {folder}/tmp-proxy;
  fastcgi_temp_path {folder}/tmp-fastcgi;
  uwsgi_temp_path {folder}/tmp-uwsgi;
  scgi_temp_path {folder}/tmp-scgi;
  server {{
    listen 127.0.0.1:{blob_port};
    location / {{ root {storage}; default_type application/octet-stream; {limit} }}
  }}
}}
"""


@dataclass
class Registry:
    """A running registry; pulls from it need `insecure`."""

    folder: Path
    port: int
    blob_port: int
    registry: subprocess.Popen[bytes] | None = None
    nginx: subprocess.Popen[bytes] | None = None
    rate: str | None = None
    """The speed limit in force."""

    @property
    def host(self) -> str:
        """Host and port as they stand in a model's name."""
        return f"127.0.0.1:{self.port}"

    def name(self, model: str) -> str:
        """The name under which `model` (such as `r1-test:135m`) is pulled from here."""
        return f"{self.host}/library/{model}"

    def start(self) -> None:
        """Start both servers and wait for them. Raises `RuntimeError` when one does not answer."""
        (self.folder / "storage").mkdir(parents=True, exist_ok=True)
        config = self.folder / "registry.yml"
        config.write_text(
            _REGISTRY.format(storage=self.folder / "storage", port=self.port, blob_port=self.blob_port)
        )
        self.start_registry()
        self.start_blobs()

    def start_blobs(self, rate: str | None = None) -> None:
        """Start nginx (again, after `stop`), at most at this rate."""
        self.rate = rate
        self._write_nginx(f"limit_rate {rate};" if rate else "")
        self.nginx = self._spawn(
            [str(find_tool("nginx")), "-p", str(self.folder), "-c", str(self._nginx_conf)]
        )
        _wait_for(f"http://127.0.0.1:{self.blob_port}/", self.folder)

    def start_registry(self) -> None:
        """Start the registry itself (again, after `stop_registry`)."""
        self.registry = self._spawn(
            [str(find_tool("docker-registry")), "serve", str(self.folder / "registry.yml")]
        )
        _wait_for(f"http://{self.host}/v2/", self.folder)

    def stop_registry(self) -> None:
        """Let the registry go away while its blobs stay served."""
        if self.registry is not None:
            end_group(self.registry.pid, signal.SIGTERM, self.registry)
            self.registry = None

    def stop(self) -> None:
        """End both servers."""
        self.stop_registry()
        if self.nginx is not None:
            end_group(self.nginx.pid, signal.SIGTERM, self.nginx)
            self.nginx = None

    def push(self, server: OllamaServer, model: str) -> None:
        """Push a model of `server` to here.

        One at a time, over all pytest workers: Ollama takes two uploads of one blob for the same, whatever the registry.
        """
        with (server.home / "push.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            server.command("cp", model, self.name(model))
            try:
                server.command("push", "--insecure", self.name(model))
            finally:
                server.command("rm", self.name(model))

    def throttle(self, rate: str | None) -> None:
        """Serve blobs at most at nginx's `rate` (such as `1m`, bytes a second a connection), or freely with None.

        Downloads under way are cut (their client has to come again), so that the new rate holds for all.
        """
        assert self.nginx is not None
        end_group(self.nginx.pid, signal.SIGTERM, self.nginx)
        self.start_blobs(rate)

    @contextlib.contextmanager
    def away(self, rate: str | None = None) -> Iterator[None]:
        """Nobody answers, neither for names nor for blobs, while the block runs; then both do, at most at this rate."""
        self.stop()
        try:
            yield
        finally:
            self.start_registry()
            self.start_blobs(rate)

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """Blobs are still promised and no byte of them comes, while the block runs."""
        assert self.nginx is not None
        os.killpg(self.nginx.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.nginx.pid, signal.SIGCONT)

    @contextlib.contextmanager
    def damaged(self) -> Iterator[None]:
        """One bit of its biggest blob is wrong while the block runs."""
        blob = max((self.folder / "storage").rglob("data"), key=lambda path: path.stat().st_size)
        self._flip(blob)
        try:
            yield
        finally:
            self._flip(blob)

    def _flip(self, blob: Path) -> None:
        with blob.open("r+b") as file:
            file.seek(50_000_000)
            byte = file.read(1)[0]
            file.seek(50_000_000)
            file.write(bytes([byte ^ 1]))

    @property
    def _nginx_conf(self) -> Path:
        return self.folder / "nginx.conf"

    def _write_nginx(self, limit: str) -> None:
        self._nginx_conf.write_text(
            _NGINX.format(
                folder=self.folder,
                storage=self.folder / "storage",
                blob_port=self.blob_port,
                limit=limit,
                # Workers must read a folder that only its owner may enter.
                user="user root;" if os.geteuid() == 0 else "",
            )
        )

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "servers.log").open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Registry]:
    """A registry for as long as the block runs, everything in `folder`."""
    registry = Registry(folder, free_port(), free_port())
    try:
        registry.start()
        yield registry
    finally:
        registry.stop()


def _wait_for(url: str, folder: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(400):
        try:
            opener.open(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    log = (folder / "servers.log").read_text(errors="replace")[-2000:]
    raise RuntimeError(f"no answer at {url}:\n{log}")
