"""What can happen to an answer."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "generation.unexpected": "The answer ended with an unexpected fault ({detail}); what came so far is kept. Press F5 to go on.",
    "generation.limit": "The answer reached its length limit; press F5 to continue it.",
    "generation.no_thinking": "The model answered without having thought, which makes its answers worse. F5 asks again, with the thinking begun for it.",
    "generation.answer_loops": "The answer only repeats itself. Esc stops it while it is written; F5 asks again.",
    "generation.drifted_to_chinese": "The reasoning has gone over to Chinese. F5 asks again and says in which language to think.",
    "generation.drifted_to_english": "The reasoning has gone over to English. F5 asks again and says in which language to think.",
    "generation.edge": "The answer reached the end of the context; press F5 to go on with it.",
    "generation.edge_reasoning": "The reasoning reached the end of the context before there was an answer; press F5 to ask for the answer from it.",
    "generation.no_answer": "The model gave no answer, though it was asked for one from its reasoning; press F5 to ask once more.",
    "generation.no_room": "A context of {context} tokens has no room for an answer beside this question. Choose a longer one (Ctrl+P, “Context length”) or ask a shorter question.",
    "generation.started_anew": "This model cannot continue a partial answer: it began again.",
    "generation.looped": "The answer only repeated itself, so it was ended in the background; what came is kept. Press F5 to continue it.",
    "generation.silent": "Nothing more came for {minutes} minutes, so the answer was ended in the background; what came is kept. Press F5 to continue it.",
    "generation.server_away": "The server was away for {minutes} minutes, so the answer was ended in the background. Press F5 to ask again.",
}
