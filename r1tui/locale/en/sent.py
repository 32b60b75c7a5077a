"""The prompt as the model gets it."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "key.sent_prompt": "The prompt as the model gets it",
    "sent.to_come": "What {model} gets when this is sent",
    "sent.title": "What {model} got for this answer",
    "sent.nothing": "There is nothing to send yet: write a question, or go to an answer.",
    "sent.no_server": "No server answers, so what would be sent is not known. F9 chooses another one; Ctrl+P, “Set up” starts one.",
    "sent.estimate": "About {n} tokens by R1TUI's estimate, of a context of {context}.",
    "sent.estimate_open": "About {n} tokens by R1TUI's estimate.",
    "sent.counted": "{counted} tokens by the server's count; R1TUI's estimate is {n}.",
    "sent.counted_before": "{counted} tokens by the server's count, of a context of {context}.",
    "sent.reading": "Reading it takes about {time} before the first token comes.",
    "sent.all": "Nothing of the conversation is left out; reasoning of before is never sent.",
    "sent.left_out": (
        "{n} message is left out, since the context has no room for it; the model does not know it:",
        "{n} messages are left out, since the context has no room for them; the model does not know them:",
    ),
    "sent.line": "R1TUI has put a line behind the question: {line}",
    "sent.opened": "R1TUI has begun the answer with <think>.",
    "sent.resumed": (
        "The answer was gone on with: this was sent once more, with its own first {n} token behind it.",
        "The answer was gone on with: this was sent once more, with its own first {n} tokens behind it.",
    ),
    "sent.rendered": "THE TEXT, as the server makes it of the turns",
    "sent.turns": "THE TURNS, as R1TUI sends them (the server tells the text only while the model is in memory, if at all)",
}
