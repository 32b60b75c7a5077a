"""A server whose certificate is not its own gets no request, whatever the address is spelt like."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from r1tui.domain.settings import HostSettings, Settings
from r1tui.services.engines.engine import ServerUnreachable
from r1tui.services.engines.hosts import make_engine, resolve_host

if not shutil.which("openssl"):
    pytest.skip("openssl is not installed", allow_module_level=True)

ANSWER = b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"models": [], "data": []}'


class Authority:
    """Signs certificates for names, for a time; those that it is trusted for are sound."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.file = folder / "ca.pem"
        self._openssl("req", "-x509", "-days", "9", "-subj", "/CN=ca", "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", "ca.key", "-out", "ca.pem")  # fmt: skip

    def certificate(self, names: str, *dates: str, trusted: bool = True) -> Path:
        """A file with key and certificate."""
        name = "".join(filter(str.isalnum, names + "".join(dates) + str(trusted)))
        extension = self._folder / f"{name}.ext"
        extension.write_text(f"subjectAltName={names}\n")
        key, request, signed = f"{name}.key", f"{name}.csr", f"{name}.crt"
        self._openssl("req", "-subj", "/CN=localhost", "-keyout", key, "-out", request)
        signer = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial") if trusted else ("-signkey", key)
        self._openssl("x509", "-req", "-in", request, *signer, *(dates or ("-days", "9")), "-extfile", extension.name, "-out", signed)  # fmt: skip
        if dates:
            time.sleep(1.1)  # it ends in the second in which it was made
        whole = self._folder / f"{name}.pem"
        whole.write_text((self._folder / key).read_text() + (self._folder / signed).read_text())
        return whole

    def _openssl(self, *args: str) -> None:
        new = ("-newkey", "rsa:2048", "-nodes") if args[0] == "req" else ()
        subprocess.run(["openssl", *args, *new], cwd=self._folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


class Server:
    """Answers over TLS; remembers what it was asked."""

    def __init__(self, certificate: Path) -> None:
        self.asked: list[bytes] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            try:
                with self._context.wrap_socket(line, server_side=True) as secured:
                    self.asked.append(secured.recv(65536))
                    secured.sendall(ANSWER)
            except OSError:
                line.close()

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


@pytest.fixture
def serving() -> Iterator[list[Server]]:
    servers: list[Server] = []
    yield servers
    for server in servers:
        server.close()


SPELLINGS = ["https://{}:{}", "HTTPS://{}:{}", "HttpS://{}:{}/", "'https://{}:{}'", "https://me:pass@{}:{}"]
OURS = "DNS:localhost,IP:127.0.0.1"
WRONG = {
    "of another host": (("DNS:elsewhere.example,DNS:*.localhost",), True),
    "of another address": (("IP:127.0.0.2,DNS:127.0.0.1.example",), True),
    "expired": ((OURS, "-days", "0"), True),
    "signed by itself": ((OURS,), False),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("kind", ["ollama", "openai"])
@pytest.mark.parametrize("fault", [*WRONG, ""])
async def test_a_server_with_another_certificate_gets_no_request_and_no_key(
    authority: Authority, serving: list[Server], monkeypatch: pytest.MonkeyPatch, fault: str, kind: str,
    spelling: str,
) -> None:  # fmt: skip
    told, trusted = WRONG.get(fault, ((OURS,), True))
    server = Server(authority.certificate(told[0], *told[1:], trusted=trusted))
    serving.append(server)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.setenv("OLLAMA_API_KEY", "oak-0123456789")
    for name in ("localhost", "127.0.0.1"):
        address = spelling.format(name, server.port)
        monkeypatch.setenv("OLLAMA_HOST", address)
        if "@" in spelling or kind == "ollama":
            host = resolve_host("", Settings())
        else:
            host = resolve_host("x", Settings(hosts={"x": HostSettings(url=address, kind=kind)}))
        engine = make_engine(host)
        if fault:
            with pytest.raises(ServerUnreachable) as raised:
                await engine.models()
            assert raised.value.phrase.key == "engine.certificate"
        else:
            assert await engine.models() == []
        await engine.close()
    assert len(server.asked) == (0 if fault else 2)


async def test_a_setting_for_one_host_alone_takes_a_certificate_as_it_is(
    authority: Authority, serving: list[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(authority.certificate(OURS, trusted=False))
    serving.append(server)
    monkeypatch.setenv("OLLAMA_API_KEY", "oak-0123456789")
    url = f"https://127.0.0.1:{server.port}"
    monkeypatch.setenv("OLLAMA_HOST", url)
    hosts = {"lax": HostSettings(url=url, verify_tls=False), "strict": HostSettings(url=url)}
    engine = make_engine(resolve_host("lax", Settings(hosts=hosts)))
    assert await engine.models() == []
    await engine.close()
    for wanted in ("strict", url, ""):
        engine = make_engine(resolve_host(wanted, Settings(hosts=hosts)))
        with pytest.raises(ServerUnreachable):
            await engine.models()
        await engine.close()
    assert len(server.asked) == 1
