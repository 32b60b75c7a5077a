"""English: the page of an empty chat."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "empty.what": "R1TUI: DeepSeek-R1 on your own machine. Questions go to your server only.",
    "empty.model": "{name} answers; the first answer will show how fast it is here.",
    "empty.model_speed": "{name}: about {speed} tokens/s here, a typical answer takes {wait}.",
    "empty.model_guess": "{name}: at a guess {speed} tokens/s here, a typical answer takes {wait}.",
    "empty.model_last": "{name} answers; the last answer came at {speed} tokens/s.",
    "empty.no_model": "There is no model here yet: Ctrl+P, “Set up” leads to one.",
    "empty.looking": "Asking the server which models it has…",
    "empty.silent": "The server does not answer: Ctrl+P, “Set up” looks again.",
    "empty.try": "Write below, or take one: ↓ chooses, Enter puts it into the prompt.",
    "empty.example_python": "How do I learn Python from scratch? Make a plan for eight weeks.",
    "empty.example_sum": "Which is larger, 9.11 or 9.9? Explain it to a child.",
    "empty.example_code": "Write a shell script that finds the ten largest files below a folder.",
    "empty.guide": "New here? The guide: eleven short chapters on how this works",
}
