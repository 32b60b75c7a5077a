"""Words of the settings: file, screen and explanations."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "settings.bad_value": (
        "{key} in the settings: {value} is not right there. It should be {expected}; {default} is "
        "used instead."
    ),
    "settings.bad_entry": (
        "{key} in the settings: {value} is not right there. It should be {expected}; the entry is not used."
    ),
    "settings.unknown_key": "{key} in the settings is not known. Is {near} meant?",
    "settings.host_without_url": '{key} in the settings needs a url, such as "http://192.168.1.5:11434".',
    "settings.broken_file": (
        "{path} has a mistake in line {line}. The defaults are used, and the file is left as it is."
    ),
    "settings.unreadable": "{path} cannot be read ({reason}). The defaults are used.",
    "settings.not_saved": "The setting holds until you leave: {path} cannot be written ({reason}).",
    "settings.expect_switch": "true or false",
    "settings.expect_choice": "one of {choices}",
    "settings.expect_text": "a text in quotes",
    "settings.expect_duration": 'a time such as "5m" or "1h", "-1" for ever',
    "settings.expect_whole": "a whole number from {low} to {high}",
    "settings.expect_number": "a number from {low} to {high}",
    "settings.expect_figure": "a number",
    "settings.expect_table": "a table",
    "settings.file_head": "Settings of R1TUI. Change them here or in the app; unknown keys are kept.",
    "setting.language": "Language",
    "setting.language_help": "auto (from LC_ALL, LC_MESSAGES or LANG), {choices}",
    "setting.theme": "Theme",
    "setting.theme_help": "Name of a theme, one that comes with R1TUI or one of your own",
    "setting.glyphs": "Signs",
    "setting.glyphs_help": "auto, unicode, or ascii for terminals that have no more",
    "setting.wide_ambiguous": "Wide ambiguous characters",
    "setting.wide_ambiguous_help": (
        "true when the terminal draws characters of ambiguous width two cells wide"
    ),
    "setting.reasoning": "Reasoning",
    "setting.reasoning_help": "while-thinking (open until the answer begins), open, folded",
    "setting.low_bandwidth": "Low bandwidth",
    "setting.low_bandwidth_help": "auto (over SSH with a round trip over 80 ms), on, off",
    "setting.cursor_blink": "Blinking cursor",
    "setting.cursor_blink_help": "true or false; each blink sends bytes over the line",
    "setting.model": "Model to begin with",
    "setting.model_help": "Name of the model to begin with; empty for the last one used",
    "setting.think": "Thinking",
    "setting.think_help": "Whether a model that can is asked to think: auto (its own default), on, off; how much, for the few that know it: low, medium, high",
    "setting.reasoning_language": "Language of reasoning",
    "setting.reasoning_language_help": "auto (as it comes), question (the question's own), english, chinese: asked for by a line that the transcript does not show; F7 for one conversation",
    "setting.temperature": "Temperature",
    "setting.temperature_help": "{low} to {high}; DeepSeek advises 0.6 for R1. A value in the Modelfile wins",
    "setting.top_p": "Top-p",
    "setting.top_p_help": "{low} to {high}; DeepSeek advises 0.95 for R1. A value in the Modelfile wins",
    "setting.num_ctx": "Context length",
    "setting.num_ctx_help": "In tokens; 0 for what fits this machine",
    "setting.keep_alive": "Keep in memory",
    "setting.keep_alive_help": (
        "How long a model stays in memory after an answer, such as 5m; empty for the server's default"
    ),
    "setting.preload": "Load when selected",
    "setting.preload_help": "true to load a model into memory as soon as it is selected",
    "setting.budget_seconds": "Longest reasoning, in seconds",
    "setting.budget_seconds_help": (
        "End the reasoning after so many seconds and ask for the answer; 0 for never"
    ),
    "setting.budget_tokens": "Longest reasoning, in tokens",
    "setting.budget_tokens_help": (
        "End the reasoning after so many tokens and ask for the answer; 0 for never"
    ),
    "setting.at_edge": "Reasoning that fills the context",
    "setting.at_edge_help": (
        "Once only the answer's reserve is left: end it and answer (end), ask you (ask), or let it run on (run)"
    ),
    "setting.answer_reserve": "Reserve for the answer",
    "setting.answer_reserve_help": "Tokens of the context kept for the answer; 0 for a sixth, 64 to 2048",
    "setting.host": "Server",
    "setting.host_help": "Address, or name of a [hosts.NAME] table; empty for OLLAMA_HOST or this machine",
    "setting.on_exit": "Server at the end",
    "setting.on_exit_help": "stop or keep a server that R1TUI started",
    "setting.kv_cache": "Context in memory",
    "setting.kv_cache_help": "f16, or q8_0: about half the memory for a context, on a server that R1TUI starts, with flash attention",
    "setting.mirror": "Mirror",
    "setting.mirror_help": "Put before bare model names when downloading, such as modelscope.cn/library",
    "setting.notify_after": "Tell when done, after",
    "setting.notify_after_help": "Seconds that an answer or a download must take to be told of when you look elsewhere; 0 for never",
    "setting.notify_how": "Way of telling",
    "setting.notify_how_help": "bell (tmux marks the window), osc9, osc777 or osc99 (a notice of your desktop, by what your terminal knows; tmux needs allow-passthrough on), off",
    "setting.notify_command": "Command when done",
    "setting.notify_command_help": "A command line that gets the sentence as its last argument, such as notify-send R1TUI; empty for none",
    "setting.notify_title": "Title of the window",
    "setting.notify_title_help": "true to have the terminal's title (in tmux: the pane's) say what goes on, once a minute",
    "settings.title": "Settings",
    "settings.file_at": "File: {path}",
    "settings.empty_value": "(empty)",
    "settings.edit": "New value for {name}; {expected}",
    "settings.saved": "{name} is now {value}.",
    "settings.saved_next_answer": "{name} is now {value}, from the next answer on.",
    "settings.saved_next_selection": "{name} is now {value}, from the next model on that you select.",
    "settings.saved_next_download": "{name} is now {value}, from the next download on.",
    "settings.saved_at_the_end": "{name} is now {value}, which holds when R1TUI ends.",
    "settings.saved_own_server": "{name} is now {value}, from the next start on of a server that R1TUI starts.",
    "settings.saved_new_conversations": "{name} is now {value}, for conversations without messages.",
    "settings.saved_anew": "{name} is now {value}. The file had a mistake: a copy of it is kept as {path}.",
    "settings.not_right": "{value} is not right here: it should be {expected}.",
    "settings.value": "{text}",
    "settings.on": "on",
    "settings.off": "off",
    "key.change": "Change",
    "settings.keys_head": "Other keys: take the # away before [keys] and before a line. The help (F1) shows every key's id.",
}
