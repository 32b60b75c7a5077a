"""The vote: one question asked several times."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "vote.cost": "Asking up to {n} times, one after the other: about {tokens} tokens, {time} at this machine's measured speed.",
    "vote.cost_untimed": "Asking up to {n} times, one after the other: about {tokens} tokens; how long that takes shows after the first.",
    "vote.all_alike": "The temperature is 0: all samples will be the same.",
    "vote.heading": "Vote",
    "vote.progress": "{asked} of {planned}",
    "vote.under_way": (
        "Sample {number} of {planned}: {n} token so far",
        "Sample {number} of {planned}: {n} tokens so far",
    ),
    "vote.count": "{answer} ×{votes}",
    "vote.more": ("{n} more answer", "{n} more answers"),
    "vote.unanswered": ("{n} without an answer", "{n} without an answer"),
    "vote.time_left": "about {time} left",
    "vote.early": (
        "Decided: the one that is left cannot change it.",
        "Decided: the {n} that are left cannot change it.",
    ),
    "vote.tie": "A tie: {answers} have {votes} each.",
    "vote.nothing": "No sample ended in a short answer that can be counted; end the question with: Put the final answer within {box}.",
}
