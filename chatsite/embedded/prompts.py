"""`make prompts`: the site's own prompts are tried on a model, with the database and the model of `make run`
where nothing else is set. Beside a site that runs, its database is used."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from chatsite.embedded.postgres import meanwhile
from chatsite.embedded.processes import end
from chatsite.embedded.serve import (
    BASE_DIR,
    MODEL_VARIABLE,
    data_dir,
    start_model,
    uses_builtin_model,
)
from chatsite.embedded.trouble import Trouble
from chatsite.env import Env

MODEL_SECONDS = 60.0


def main() -> int:
    env = Env.beside(BASE_DIR)
    with ExitStack() as parts:
        if not env.text("DATABASE_URL") and parts.enter_context(meanwhile(data_dir(env))):
            _manage("migrate", "--verbosity", "0", env=dict(os.environ))
        extra = _model(data_dir(env) / "log", parts) if uses_builtin_model(env) else {}
        return _manage("try_prompts", *filter(None, sys.argv[1:]), env={**os.environ, **extra})


def _model(log_dir: Path, parts: ExitStack) -> dict[str, str]:
    child, variables = start_model(log_dir)
    parts.callback(end, child, [(signal.SIGTERM, 5.0)])
    health = variables[MODEL_VARIABLE].removesuffix("/v1") + "/health"
    deadline = time.monotonic() + MODEL_SECONDS
    while not _answers(health):
        if child.poll() is not None or time.monotonic() > deadline:
            raise Trouble(f"The built-in model did not start; see {log_dir / 'model.log'}.")
        time.sleep(0.1)
    return variables


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):  # noqa: S310 our own, on this machine
            return True
    except OSError:
        return False


def _manage(*command: str, env: dict[str, str]) -> int:
    return subprocess.run(
        [sys.executable, BASE_DIR / "manage.py", *command], env=env, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
