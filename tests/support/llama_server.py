"""llama.cpp's own server, for tests of `/v1/chat/completions` on the server that most people run beside Ollama.

The program (run by itself) is the server; `LlamaServer` starts it on a free port and ends it.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from pathlib import Path

from tests.support.provision import Provision

MODEL = "r1-llama"
"""The name that the model has there."""
KEY = "a-key-of-the-tests"
CONTEXT = 768
START_SECONDS = 120

# R1's shape over ChatML, as in r1-test.Modelfile: two examples, then the conversation; the prompt ends in <think>.
_EXAMPLES = """<|im_start|>system
You think first, then answer. Put thoughts inside <think></think>, then the answer.<|im_end|>
<|im_start|>user
What is 2 plus 2?<|im_end|>
<|im_start|>assistant
<think>
The user asks for 2 plus 2. 2 plus 2 is 4.
</think>

The answer is 4.<|im_end|>
<|im_start|>user
What is the capital of France?<|im_end|>
<|im_start|>assistant
<think>
The user asks for a capital. France's capital is Paris.
</think>

The capital is Paris.<|im_end|>
"""
TEMPLATE = (
    _EXAMPLES
    + """{%- for message in messages -%}
<|im_start|>{{ message.role }}
{% if message.role == 'assistant' and message.reasoning_content %}<think>
{{ message.reasoning_content }}
</think>

{% endif %}{{ message.content }}<|im_end|>
{% endfor -%}
{%- if add_generation_prompt -%}
<|im_start|>assistant
{% if enable_thinking is defined and not enable_thinking %}<think>

</think>

{% else %}<think>
{% endif -%}
{%- endif -%}
"""
)


class LlamaServer:
    """A running server with one model, a context of `CONTEXT` tokens, and a key."""

    def __init__(self, provision: Provision, log: Path) -> None:
        assert provision.llama is not None
        assert provision.gguf is not None
        self.url = ""
        """Its address with the scheme."""
        paths = (str(provision.llama), os.environ.get("PYTHONPATH", ""))
        with log.open("wb") as words:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.llama_server", str(provision.gguf)],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
                cwd=Path(__file__).resolve().parents[2],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=words,
            )
        self.url = self._address()
        if not self.url:
            self.stop()
            raise RuntimeError(
                f"llama.cpp's server did not start:\n{log.read_text(errors='replace')[-2000:]}"
            )

    def _address(self) -> str:
        """What the program prints once it listens; empty when it ends or is silent."""
        pipe = self._process.stdout
        assert pipe is not None
        deadline = time.monotonic() + START_SECONDS
        while (left := deadline - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
            line = pipe.readline().decode(errors="replace").strip()
            if line.startswith("http://") or not line:
                return line
        return ""

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _serve(model: str) -> None:
    import xllamacpp  # type: ignore[import-not-found, unused-ignore]

    options = xllamacpp.CommonParams()
    options.model.path = model
    options.model_alias = {MODEL}
    options.hostnames = ["127.0.0.1"]
    options.port = 0
    options.api_keys = [KEY]
    options.n_ctx = CONTEXT
    options.n_parallel = 1
    # One thread: on a busy machine two would wait for each other at every layer.
    options.cpuparams.n_threads = options.cpuparams_batch.n_threads = 1
    options.use_jinja = True
    options.chat_template = TEMPLATE
    options.warmup = False
    server = xllamacpp.Server(options)
    print(server.listening_address, flush=True)
    while os.getppid() == _PARENT:  # whoever started it may be killed
        time.sleep(1)


_PARENT = os.getppid()

if __name__ == "__main__":
    _serve(sys.argv[1])
