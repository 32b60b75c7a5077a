"""The test model with a chat template in its own header, as DeepSeek's GGUF files have it."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path
from typing import BinaryIO

KEY = "tokenizer.chat_template"
R1_SHAPED = (
    "{% set ns = namespace(system_prompt='') %}"
    "{%- for message in messages %}{%- if message['role'] == 'system' %}"
    "{% set ns.system_prompt = message['content'] %}{%- endif %}{%- endfor %}"
    "{% if ns.system_prompt %}{{'<|im_start|>system\\n' + ns.system_prompt + '<|im_end|>\\n'}}{% endif %}"
    "{%- for message in messages %}"
    "{%- if message['role'] == 'user' %}{{'<|im_start|>user\\n' + message['content'] + '<|im_end|>\\n'}}{%- endif %}"
    "{%- if message['role'] == 'assistant' and message['tool_calls'] %}{{'<|im_start|>assistant\\n<|im_end|>\\n'}}{%- endif %}"
    "{%- if message['role'] == 'assistant' and message['content'] is not none %}"
    "{% set content = message['content'] %}"
    "{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}"
    "{{'<|im_start|>assistant\\n' + content + '<|im_end|>\\n'}}{%- endif %}"
    "{%- endfor -%}"
    "{% if add_generation_prompt %}{{'<|im_start|>assistant\\n'}}{% endif %}"
)
"""The turns as the templates of DeepSeek-R1's distills have them: calls of tools, no reasoning of earlier answers, and it
is left to the model to begin with `<think>`. Ollama since 0.30 takes such a template in place of the model's own.
"""
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING, _ARRAY = 8, 9


def with_chat_template(source: Path, target: Path, template: str) -> None:
    """Write `target` as `source` with this template in its header (`docs/gguf.md` of the ggml project)."""
    with source.open("rb") as file:
        magic, version, tensors, keys = struct.unpack("<4sIQQ", file.read(24))
        assert magic == b"GGUF"
        kept = []
        for _ in range(keys):
            began = file.tell()
            name = _text(file)
            kind = struct.unpack("<I", file.read(4))[0]
            _skip(file, kind)
            if name != KEY.encode():
                kept.append((began, file.tell()))
        after_keys = file.tell()
        for _ in range(tensors):
            _text(file)
            dimensions = struct.unpack("<I", file.read(4))[0]
            file.seek(dimensions * 8 + 4 + 8, 1)
        header_end = file.tell()
        data_begins = -(-header_end // 32) * 32
        value = template.encode()
        entry = struct.pack("<Q", len(KEY)) + KEY.encode() + struct.pack("<IQ", _STRING, len(value)) + value
        with target.open("wb") as written:
            written.write(struct.pack("<4sIQQ", magic, version, tensors, len(kept) + 1) + entry)
            for began, ended in [*kept, (after_keys, header_end)]:
                file.seek(began)
                written.write(file.read(ended - began))
            written.write(b"\0" * (-written.tell() % 32))
            file.seek(data_begins)
            shutil.copyfileobj(file, written, 1 << 20)


def _text(file: BinaryIO) -> bytes:
    return file.read(struct.unpack("<Q", file.read(8))[0])


def _skip(file: BinaryIO, kind: int) -> None:
    if kind == _STRING:
        _text(file)
    elif kind == _ARRAY:
        item, count = struct.unpack("<IQ", file.read(12))
        if item == _STRING:
            for _ in range(count):
                _text(file)
        else:
            file.seek(count * _SIZES[item], 1)
    else:
        file.seek(_SIZES[kind], 1)
