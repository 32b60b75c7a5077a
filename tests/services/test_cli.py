"""The command line: options, ask, export, import, doctor, as a shell sees them."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from r1tui.cli import build_parser
from r1tui.services.container import DATABASE, LAST_MODEL
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.terminal.streams import visible_streams
from tests.support import patience
from tests.support.pty_app import ROOT, clean_env
from tests.support.script import Answer, Hang, Say, answer
from tests.support.scripted import ScriptedServer


class Shell:
    """Runs `r1tui` with a home of its own."""

    def __init__(self, home: Path) -> None:
        self.env = clean_env(home, LANG="C.UTF-8")

    def settings(self, text: str) -> None:
        """Write its settings."""
        folder = Path(self.env["R1TUI_CONFIG_DIR"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "settings.toml").write_text(text)

    async def start(self, *args: str, **env: str) -> asyncio.subprocess.Process:
        """Start it with pipes."""
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "r1tui", *args,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=self.env | env, cwd=ROOT,
        )  # fmt: skip

    async def run(self, *args: str, stdin: str = "", **env: str) -> tuple[int, str, str]:
        """Run it to its end: (exit code, standard output, standard error)."""
        process = await self.start(*args, **env)
        out, err = await asyncio.wait_for(process.communicate(stdin.encode()), 60)
        return process.returncode or 0, out.decode(), err.decode()


def modes(folder: Path) -> tuple[int, set[int]]:
    """The permissions of a folder, and of all files in it."""
    files = {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    return folder.stat().st_mode & 0o777, files


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell of somebody who never used R1TUI."""
    return Shell(tmp_path)


@pytest.mark.parametrize(
    "args",
    [
        ("--host", "http://bad host:port"),
        ("--host", ""),
        ("--nonsense",),
        ("nonsense",),
        ("export",),
        ("export", "--format", "pdf", "--all"),
        ("doctor", "--hardware", "/no/such/file"),
    ],
)
async def test_wrong_use_is_one_sentence_and_exit_code_2(shell: Shell, args: tuple[str, ...]) -> None:
    code, out, err = await shell.run(*args)
    assert (code, out) == (2, "")
    assert err.startswith("r1tui: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err


async def test_the_app_without_a_terminal_names_ask(shell: Shell) -> None:
    code, _, err = await shell.run()
    assert code == 2
    assert "r1tui ask" in err


async def test_version_and_help_need_nothing(shell: Shell) -> None:
    code, out, _ = await shell.run("--version")
    assert code == 0
    assert re.fullmatch(r"r1tui \d+\.\d+.*\n", out)
    code, out, _ = await shell.run("--help", LANG="zh_CN.UTF-8")
    assert code == 0
    assert "--host" in out
    assert re.search("[\u4e00-\u9fff]", out)


@pytest.mark.parametrize("command", [(), ("ask",), ("doctor",), ("plain",), ("completions",)])
@pytest.mark.parametrize("language", ["C.UTF-8", "zh_CN.UTF-8"])
async def test_no_line_of_the_help_is_wider_than_the_terminal(
    shell: Shell, command: tuple[str, ...], language: str
) -> None:
    _, out, _ = await shell.run(*command, "--help", LANG=language, COLUMNS="80")
    assert [line for line in out.splitlines() if cell_len(line) > 80] == []


async def test_the_helps_examples_stand_in_columns(shell: Shell) -> None:
    _, out, _ = await shell.run("--help", LANG="zh_CN.UTF-8")
    examples = [line for line in out.splitlines() if line.startswith("  ") and "  # " in line]
    assert len(examples) > 5
    assert len({cell_len(line[: line.index("# ")]) for line in examples}) == 1


async def test_ask_puts_the_answer_on_stdout_and_the_reasoning_on_stderr(
    shell: Shell, scripted: ScriptedServer
) -> None:
    code, out, err = await shell.run("ask", "--host", scripted.url, "2 plus 2?")
    assert (code, out) == (0, "The answer is 4.\n")
    assert "Two and two are four." in err
    code, out, err = await shell.run("ask", "--host", scripted.url, "--no-reasoning", "2 plus 2?")
    assert (code, out, err) == (0, "The answer is 4.\n", "")


async def test_ask_reads_the_question_from_standard_input(shell: Shell, scripted: ScriptedServer) -> None:
    for args in (("ask",), ("ask", "-")):
        code, _, _ = await shell.run(*args, "--host", scripted.url, stdin="从标准输入来\n")
        assert code == 0
        assert scripted.sent_to("/api/chat")[-1].json["messages"][-1]["content"] == "从标准输入来"
    code, _, err = await shell.run("ask", "--host", scripted.url, stdin="  \n")
    assert code == 2
    assert "no question" in err


async def test_ask_takes_the_model_that_the_app_asked_last(shell: Shell, scripted: ScriptedServer) -> None:
    last = sorted(scripted.models)[-1]
    first = next(iter(scripted.models))
    assert first != last
    store = await ConversationStore.open(Path(shell.env["R1TUI_DATA_DIR"]) / DATABASE)
    await store.state_set(LAST_MODEL, last)
    await store.close()
    await shell.run("ask", "--host", scripted.url, "hello")
    assert scripted.sent_to("/api/chat")[-1].json["model"] == last
    await shell.run("ask", "--host", scripted.url, "--model", first, "hello")
    assert scripted.sent_to("/api/chat")[-1].json["model"] == first


async def test_ask_as_json(shell: Shell, scripted: ScriptedServer) -> None:
    code, out, err = await shell.run("ask", "--json", "--host", scripted.url, "2 plus 2?")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert told["content"] == "The answer is 4."
    assert told["reasoning"] == "Two and two are four."
    assert (told["status"], told["model"]) == ("complete", "deepseek-r1:1.5b")


@pytest.mark.parametrize("at_edge", ["end", "ask"])
async def test_ask_keeps_room_for_the_answer_and_asks_nobody(
    shell: Shell, scripted: ScriptedServer, at_edge: str
) -> None:
    shell.settings(f'[chat]\nnum_ctx = 256\nat_edge = "{at_edge}"\n')
    scripted.answers.append(answer("", " ".join(f"step{number}" for number in range(300))))
    scripted.answers.append(answer("Eight."))
    code, out, err = await shell.run("ask", "--host", scripted.url, "What is 3 plus 5?")
    assert (code, out) == (0, "Eight.\n")
    assert "the reasoning was ended after" in err
    first, second = (request.json["messages"] for request in scripted.sent_to("/api/chat"))
    assert second[0] == first[0]
    assert 100 < len(second[-1]["thinking"].split()) < 220


async def test_ask_says_that_reasoning_which_may_run_on_has_filled_the_context(
    shell: Shell, scripted: ScriptedServer
) -> None:
    shell.settings('[chat]\nnum_ctx = 256\nat_edge = "run"\n')
    scripted.answers.append(answer("", "Hm, hm.", done_reason="length", prompt_tokens=40, counts=(216, 1.0)))
    code, out, err = await shell.run("ask", "--host", scripted.url, "What is 3 plus 5?")
    assert (code, out) == (1, "")
    assert "before there was an answer" in err
    assert "F5" not in err


async def test_ask_fails_with_1_and_a_sentence(shell: Shell, scripted: ScriptedServer) -> None:
    code, out, err = await shell.run("ask", "--host", "http://127.0.0.1:9", "hello")
    assert (code, out) == (1, "")
    assert err.startswith("r1tui: ")
    code, _, err = await shell.run("ask", "--host", scripted.url, "--model", "absent", "hello")
    assert code == 1
    assert "absent" in err
    scripted.models.clear()
    code, _, err = await shell.run("ask", "--host", scripted.url, "hello")
    assert code == 1
    assert "no model" in err


async def test_ctrl_c_ends_ask_with_130_and_what_came(shell: Shell, scripted: ScriptedServer) -> None:
    scripted.answers.append(Answer([Say("So far"), Hang()]))
    process = await shell.start("ask", "--host", scripted.url, "hello")
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readexactly(6), 60) == b"So far"
    process.send_signal(signal.SIGINT)
    out, err = await asyncio.wait_for(process.communicate(), patience.SECONDS)
    assert process.returncode == 130
    assert out == b"\n"
    assert b"Traceback" not in err
    assert scripted.dropped


PRESSED_AT_IMPORT = """
import os, runpy, signal, sys

class Pressed:
    def find_spec(self, name, *_):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Pressed())
runpy.run_module("r1tui", run_name="__main__")
"""
"""R1TUI, with Ctrl+C in the moment in which it begins to import a module."""


@pytest.mark.parametrize("module", ["r1tui.cli", "r1tui.domain.settings", "r1tui.services.settings"])
async def test_ctrl_c_while_r1tui_starts_ends_it_without_a_traceback(tmp_path: Path, module: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PRESSED_AT_IMPORT, module),
        env=clean_env(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"")


async def test_a_saved_ask_is_exported_and_imported_to_the_last_field(
    shell: Shell, scripted: ScriptedServer, tmp_path: Path
) -> None:
    scripted.answers.append(answer("答案是四。", "Reasoned."))
    code, _, _ = await shell.run("ask", "--save", "--host", scripted.url, "二加二?")
    assert code == 0
    code, whole, _ = await shell.run("export", "--all", "--format", "json")
    assert code == 0
    (conversation,) = json.loads(whole)["conversations"]
    assert [message["role"] for message in conversation["messages"]] == ["user", "assistant"]
    assert conversation["messages"][1]["reasoning"] == "Reasoned."
    file = tmp_path / "all.json"
    code, out, _ = await shell.run("export", conversation["id"][:8], "--format", "json", "-o", str(file))
    assert (code, out) == (0, "")
    (tmp_path / "other").mkdir()
    other = Shell(tmp_path / "other")
    code, out, _ = await other.run("import", str(file))
    assert code == 0
    assert "1 imported" in out
    _, again, _ = await other.run("export", "--all", "--format", "json")
    assert json.loads(again) == json.loads(whole)
    code, out, _ = await other.run("import", str(file))
    assert code == 0
    assert "1 known already" in out
    _, text, _ = await other.run("export", "--all", "--format", "markdown")
    assert "答案是四。" in text
    assert "<details>" in text
    code, _, err = await other.run("export", "ffffffff")
    assert code == 1
    assert "Traceback" not in err


@pytest.mark.parametrize("content", ["", "{", "[1, 2", '{"conversations": 3}', "\x00\xff"])
async def test_a_file_that_is_no_export_is_refused_in_one_sentence(
    shell: Shell, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "bad.json"
    file.write_text(content, encoding="latin-1")
    code, _, err = await shell.run("import", str(file))
    assert code == 1
    assert err.startswith("r1tui: ")
    assert err.count("\n") == 1


async def test_doctor_exits_0_when_a_chat_could_start_and_1_when_not(
    shell: Shell, scripted: ScriptedServer
) -> None:
    code, out, _ = await shell.run("doctor", "--json", "--host", scripted.url)
    told = json.loads(out)
    assert code == 0
    assert told["server"]["reachable"] is True
    assert told["server"]["version"] == "0.17.4"
    code, out, _ = await shell.run("doctor", "--json", "--host", "http://127.0.0.1:9")
    assert code == 1
    assert json.loads(out)["server"]["reachable"] is False


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9"])
async def test_a_proxy_never_stands_before_a_server_on_this_machine(
    shell: Shell, scripted: ScriptedServer, proxy: str
) -> None:
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"), proxy)
    code, out, _ = await shell.run("ask", "--host", scripted.url, "hello", **proxies)
    assert (code, out) == (0, "The answer is 4.\n")


async def test_files_are_private(shell: Shell, scripted: ScriptedServer) -> None:
    await shell.run("ask", "--save", "--host", scripted.url, "hello")
    folder, files = modes(Path(shell.env["R1TUI_DATA_DIR"]))
    assert (folder, files) == (0o700, {0o600})


async def test_a_reader_that_goes_away_is_no_fault(shell: Shell, scripted: ScriptedServer) -> None:
    scripted.answers.append(Answer([Say("word " * 2_000)] * 100))
    await shell.run("ask", "--save", "--host", scripted.url, "hello")
    process = await shell.start("export", "--all")
    assert process.stdout is not None
    await process.stdout.readexactly(100)
    process.stdout._transport.close()  # type: ignore[attr-defined]
    assert process.stderr is not None
    err = await asyncio.wait_for(process.stderr.read(), 60)
    assert await process.wait() == 0
    assert err == b""


async def test_an_answer_that_nobody_reads_on_is_kept_as_far_as_it_came(
    shell: Shell, scripted: ScriptedServer
) -> None:
    scripted.answers.append(Answer([Say("word " * 20_000), *[Say("word " * 20_000)] * 50, Hang()]))
    process = await shell.start("ask", "--save", "--host", scripted.url, "hello")
    assert process.stdout is not None
    await process.stdout.readexactly(100)
    process.stdout._transport.close()  # type: ignore[attr-defined]
    assert process.stderr is not None
    err = await asyncio.wait_for(process.stderr.read(), 60)
    assert (await process.wait(), err) == (0, b"")
    _, whole, _ = await shell.run("export", "--all", "--format", "json")
    (conversation,) = json.loads(whole)["conversations"]
    assert conversation["messages"][1]["status"] == "stopped"
    assert conversation["messages"][1]["content"]


async def test_a_models_text_is_never_obeyed_by_the_terminal(shell: Shell, scripted: ScriptedServer) -> None:
    evil = "\x1b]0;gone\x07\x9b2Jend\u202e"
    scripted.answers.append(answer(evil, evil))
    _, out, err = await shell.run("ask", "--host", scripted.url, "hello")
    scripted.answers.append(answer(evil, evil))
    _, told, _ = await shell.run("ask", "--json", "--host", scripted.url, "hello")
    for text in (out, err, told):
        assert not set("\x1b\x07\x9b\u202e") & set(text)
        assert "end" in text
    assert json.loads(told)["content"] == evil
    scripted.version = "1\x9b2J"
    _, told, _ = await shell.run("doctor", "--json", "--host", scripted.url)
    assert "\x9b" not in told
    assert json.loads(told)["server"]["version"] == scripted.version


async def test_bytes_that_are_no_text_are_asked_with_a_sign_in_their_place(
    shell: Shell, scripted: ScriptedServer
) -> None:
    process = await shell.start("ask", "--host", scripted.url, PYTHONUTF8="1")
    await asyncio.wait_for(process.communicate(b"caf\xe9?"), 60)
    assert process.returncode == 0
    assert scripted.sent_to("/api/chat")[-1].json["messages"][-1]["content"] == "caf\ufffd?"


async def test_a_terminal_without_the_signs_gets_others(shell: Shell, scripted: ScriptedServer) -> None:
    scripted.answers.append(answer("答案 4", "想"))
    code, out, err = await shell.run("ask", "--host", scripted.url, "2+2?", PYTHONIOENCODING="latin-1")
    assert (code, out, err) == (0, "?? 4\n", "?\n")


@pytest.mark.parametrize("args", [("doctor",), ("export", "--all"), ("ask", "hello")])
async def test_a_data_folder_that_cannot_be_is_named(shell: Shell, args: tuple[str, ...]) -> None:
    code, out, err = await shell.run(*args, R1TUI_DATA_DIR="/dev/null/r1tui")
    assert (code, out) == (2, "")
    assert "/dev/null/r1tui" in err
    assert err.count("\n") == 1


async def test_a_store_that_cannot_keep_the_question_is_said_before_it_is_asked(
    shell: Shell, scripted: ScriptedServer
) -> None:
    (Path(shell.env["R1TUI_DATA_DIR"]) / "conversations.db").mkdir(parents=True)
    code, out, err = await shell.run("ask", "--save", "--host", scripted.url, "hello")
    assert (code, out) == (1, "")
    assert "Traceback" not in err
    assert not scripted.sent_to("/api/chat")


@pytest.mark.parametrize(("free", "num_ctx"), [(2_700_000_000, 8192), (2_100_000_000, 4096)])
async def test_ask_sizes_the_context_as_the_app_does_for_a_stated_machine(
    shell: Shell, scripted: ScriptedServer, free: int, num_ctx: int
) -> None:
    shell.settings(
        f'[hosts.far]\nurl = "{scripted.url}"\n'
        f"hardware = {{ memory = {{ total = {free + 300_000_000}, available = {free} }} }}\n"
    )
    await shell.run("ask", "--host", "far", "hello")
    assert scripted.sent_to("/api/chat")[-1].json["options"]["num_ctx"] == num_ctx


def test_the_environment_of_these_tests_is_nobodys(shell: Shell) -> None:
    assert Path(shell.env["HOME"]) != Path(os.environ.get("HOME", ""))


EVIL = "\x1b]0;PWNED\x07\x9b31m\u202e\u2028"


@pytest.mark.parametrize(
    "args",
    [
        [f"--{EVIL}"],
        ["doctor", EVIL],
        [EVIL],
        ["export", EVIL],
        ["import", EVIL],
        ["export", "--format", EVIL],
        ["--host", EVIL, "ask", "hello"],
        ["doctor", "--hardware", EVIL],
    ],
)
async def test_whatever_is_typed_comes_back_as_text(shell: Shell, args: list[str]) -> None:
    _, out, err = await shell.run(*args)
    assert out + err
    assert not set(out + err) & set("\x1b\x07\x9b\u202e\u2028")


def test_whoever_prints_prints_visible_text(capsys: pytest.CaptureFixture[str]) -> None:
    with visible_streams():
        print("out " + EVIL, "\ttab\nline")
        sys.stderr.writelines(["err ", EVIL])
        argparse.ArgumentParser(prog=EVIL).print_usage()
    out, err = capsys.readouterr()
    assert out.startswith("out ␛]0;PWNED␇\ufffd31m\ufffd\ufffd \ttab\nline\n")
    assert err == "err ␛]0;PWNED␇\ufffd31m\ufffd\ufffd"
    assert not set(out) & set(EVIL) & set("\x1b\x07")
    print(EVIL)
    assert capsys.readouterr().out == EVIL + "\n"


NAMES = {
    "guide",
    "plain",
    "completions",
    "man",
    "auto",
    "on",
    "off",
    "low",
    "medium",
    "high",
    "doctor",
    "ask",
    "export",
    "import",
    "model",
    "host",
    "help",
}
"""What stands in a sentence as it is typed, in whichever language."""
WRONG = [
    ("ask", "--think", "maybe"),
    ("nonsense",),
    ("import",),
    ("import", "a", "b"),
    ("ask", "--model"),
    ("ask", "--m"),
    ("ask", "--json=1", "q"),
    ("export", "--", "--x", "y"),
    ("--host",),
    ("--zzz",),
]


@pytest.mark.parametrize("args", WRONG)
@pytest.mark.parametrize("language", ["en_GB.UTF-8", "zh_CN.UTF-8"])
async def test_every_wrong_use_is_said_in_the_language_in_use(
    shell: Shell, args: tuple[str, ...], language: str
) -> None:
    code, out, err = await shell.run(*args, LC_ALL=language)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    if language.startswith("zh"):
        words = set(re.findall("[A-Za-z_]{2,}", err.replace("r1tui", "")))
        assert words <= NAMES | set(re.findall("[A-Za-z_]{2,}", " ".join(args)))


@pytest.mark.parametrize(
    "args",
    [
        ("export", b"\xff"),
        ("ask", b"\xff"),
        ("import", b"\xff"),
        ("doctor", "--hardware", b"\xff"),
        (b"\xff",),
        ("--host", b"\xff", "doctor"),
        ("ask", "--model", b"\xff", "q"),
        ("export", "--all", "-o", b"\xff/\xfe"),
    ],
)
async def test_arguments_that_are_no_text_are_one_sentence(shell: Shell, args: tuple[str, ...]) -> None:
    code, _, err = await shell.run(*args, OLLAMA_HOST="127.0.0.1:9")
    assert code in (1, 2)
    assert err.count("\n") == 1
    assert err.startswith("r1tui: ")


@pytest.mark.parametrize("args", [["ask", "Why?"], ["export", "--all"], ["import", "x.json"], ["doctor"], []])
def test_a_fault_of_our_own_is_one_sentence_with_the_path_of_its_report(
    args: list[str], tmp_path: Path
) -> None:
    broken = """
import sys
from r1tui import cli
from r1tui.headless import ask, doctor, transfer

def fault(*args, **named):
    raise RuntimeError("boom \\x1b]0;PWNED\\x07 Bearer 0123456789abcdef")

ask.ask = transfer.export = transfer.import_file = doctor.doctor = cli._run_app = fault
sys.exit(cli.main())
"""
    done = subprocess.run(
        [sys.executable, "-c", broken, *args],
        env=clean_env(tmp_path, LANG="C.UTF-8"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert "Traceback" not in sentence
    assert sentence.startswith("r1tui: R1TUI met a fault of its own")
    report = Path(sentence.rpartition(" in ")[2].rstrip("."))
    text = report.read_text()
    assert "boom" in text
    assert "\x1b" not in text
    assert "0123456789abcdef" not in text
    assert report.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("private", "told"), [(True, False), (False, True)])
def test_a_fault_behind_a_private_conversation_tells_no_words(
    tmp_path: Path, private: bool, told: bool
) -> None:
    broken = f"""
import asyncio, sys
from r1tui import cli
from r1tui.domain.conversation import Conversation
from r1tui.headless import plain

async def talked(services):
    store = await services.opened_store()
    talk = Conversation(private={private})
    await store.save_conversation(talk)
    await store.delete(talk.id)

def fault(services, model):
    with asyncio.Runner() as runner:
        runner.run(talked(services))
        raise RuntimeError("what was" + " asked")

plain.plain = fault
sys.exit(cli.main())
"""
    done = subprocess.run(
        [sys.executable, "-c", broken, "plain"],
        env=clean_env(tmp_path, LANG="C.UTF-8", OLLAMA_HOST="127.0.0.1:9"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    report = Path(done.stderr.splitlines()[-1].rpartition(" in ")[2].rstrip("."))
    text = report.read_text()
    assert "RuntimeError" in text
    assert ("what was asked" in text) is told


async def test_what_is_not_to_be_saved_is_kept_nowhere_and_the_apps_words_stay(
    shell: Shell, scripted: ScriptedServer
) -> None:
    scripted.answers.append(answer("four", "two and two"))
    await shell.run("ask", "--save", "--host", scripted.url, "hello")
    path = Path(shell.env["R1TUI_DATA_DIR"]) / DATABASE
    before = path.read_bytes()
    scripted.answers.append(answer("forty", "and two"))
    code, out, _ = await shell.run("ask", "--host", scripted.url, "a secret")
    assert (code, out) == (0, "forty\n")
    assert path.read_bytes() == before
    store = await ConversationStore.open_transient(path)
    try:
        assert await store.all_ids() == []
        assert (await store.states())[LAST_MODEL]
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["--theme", "x"], "there is no --theme."),
        (["--theme=dark", "x"], "there is no --theme."),
        (["-t", "x"], "there is no -t."),
        (["--model", "m", "--theme", "x"], "there is no --theme."),
        (["x", "--theme"], "there is no command x"),
        (["--model", "m", "x"], "there is no command x"),
    ],
)
def test_an_unknown_option_is_named_and_not_what_follows_it(
    arguments: list[str], wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(arguments)
    assert wrong in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["doctor", "x"], "there is no place for x. `r1tui doctor --help`"),
        (["export", "a", "b", "c"], "there is no place for b, c. `r1tui export --help`"),
        (["ask", "--nope", "q"], "there is no --nope. `r1tui ask --help`"),
        (["export", "a", "b", "--nope"], "there is no --nope. `r1tui export --help`"),
        (["import"], "FILE is missing. `r1tui import --help`"),
        (["--host"], "`r1tui --help`"),
    ],
)
def test_a_mistake_leads_to_the_help_of_its_command(
    arguments: list[str], wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(arguments)
    assert wrong in capsys.readouterr().err


@pytest.mark.parametrize("command", ["", "ask", "doctor", "export", "import", "guide"])
async def test_the_chinese_help_has_chinese_values_in_straight_columns(shell: Shell, command: str) -> None:
    code, out, _ = await shell.run(*filter(None, (command, "--help")), LC_ALL="zh_CN.UTF-8", COLUMNS="80")
    assert code == 0
    assert not re.search(r"\b(FILE|NAME|URL|PATH|CHAPTER|QUESTION|COMMAND)\b", out)
    starts = {
        cell_len(line[: match.end()])
        for line in re.split("\n\n(?=参数|选项)", out)[-1].splitlines()
        if (match := re.match(r"  -\S.*?\S {2,}(?=\S)", line))
    }
    assert len(starts) == 1
    assert max(map(cell_len, out.splitlines())) <= 80
    assert "\n  命令\n" not in out


async def test_doctor_offers_no_choice_of_a_model_since_it_asks_none(shell: Shell) -> None:
    _, told, _ = await shell.run("doctor", "--help")
    assert "--host" in told
    assert "--model" not in told
    code, _, complaint = await shell.run("doctor", "--model", "deepseek-r1:8b")
    assert code == 2
    assert "--model" in complaint


@pytest.mark.parametrize(
    "args", [("--version",), ("--help",), ("doctor",), ("guide",), ("man",), ("completions", "bash")]
)
def test_a_full_standard_output_is_one_sentence_and_no_fault_of_ours(
    args: tuple[str, ...], tmp_path: Path
) -> None:
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "r1tui", *args],
            env=clean_env(tmp_path),
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert ended.returncode == 1
    assert ended.stderr == "r1tui: Standard output takes no more (the disk is full): it lacks the rest.\n"
    assert not list(tmp_path.rglob("crash-*"))


@pytest.mark.parametrize("args", [("ask", "What is 2+2?"), ("plain",)])
async def test_an_answer_that_standard_output_does_not_take_is_one_sentence(
    args: tuple[str, ...], scripted: ScriptedServer, tmp_path: Path
) -> None:
    scripted.answers.append(answer("It is four."))
    full = os.open("/dev/full", os.O_WRONLY)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "r1tui", *args, "--host", scripted.url),
        env=clean_env(tmp_path),
        stdin=subprocess.PIPE,
        stdout=full,
        stderr=subprocess.PIPE,
    )
    os.close(full)
    _, own = await process.communicate(b"What is 2+2?")
    assert process.returncode == 1
    assert own.decode().endswith(
        "r1tui: Standard output takes no more (the disk is full): it lacks the rest.\n"
    )
    assert "fault" not in own.decode()
