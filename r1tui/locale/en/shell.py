"""A command behind `!`."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "shell.command": "Run a command and attach its output (! in the empty prompt)",
    "shell.short.run": "run in the shell",
    "shell.key.attach": "Attach the output",
    "shell.key.close": "End the command, or leave",
    "shell.keys": "Esc ends it, or leaves · Enter attaches what it printed",
    "shell.running": "Runs for {seconds} s, at most {most}. Esc ends it.",
    "shell.running_freely": "Runs for {seconds} s. Esc ends it.",
    "shell.ended": "Ended with exit code {code}",
    "shell.killed": "Ended by signal {signal}",
    "shell.stopped": "Ended by Esc",
    "shell.too_long": (
        "Ended after {n} second, as the settings say",
        "Ended after {n} seconds, as the settings say",
    ),
    "shell.output": (
        "{how}. {n} line. Enter attaches it to your question, Esc drops it.",
        "{how}. {n} lines. Enter attaches them to your question, Esc drops them.",
    ),
    "shell.long_output": (
        "{how}. Only the end is kept, {n} line. Enter attaches it to your question, Esc drops it.",
        "{how}. Only the end is kept, {n} lines. Enter attaches them to your question, Esc drops them.",
    ),
    "shell.nothing": "{how}. It printed nothing. Esc leaves.",
    "shell.failed": "The command could not be started ({detail}). It is kept: ↑ brings it back. Esc leaves.",
    "shell.at_once": "This command came at once with its Enter, as pasted text does, and was not run. Enter runs it.",
    "shell.empty": "Write a command behind the !, such as !dmesg | tail -50. Backspace leads back to questions.",
    "shell.off": "Commands with ! are switched off in the settings ([chat] shell).",
    "shell.not_empty": "A command begins with ! in the empty prompt; what is written there is kept.",
}
