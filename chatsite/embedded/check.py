"""`make check`: what a machine can say about the code; all of it runs, also after a failure."""

import os
import subprocess
import sys
import time
from pathlib import Path

from chatsite.embedded.postgres import throw_away

BASE_DIR = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
PYTHON = sys.executable
# As it would be deployed: by https.
DEPLOYED = {
    "CHATSITE_PUBLIC_URL": "https://chat.example.org",
    "DJANGO_DEBUG": "false",
    "DJANGO_SECRET_KEY": "",
    "OPENAI_API_KEY": "",
    "OPENAI_BASE_URL": "",
}
CHECKS: list[tuple[str, list[str | Path]]] = [
    ("style", [BIN / "ruff", "check", "."]),
    ("format", [BIN / "ruff", "format", "--check", "."]),
    ("types", [BIN / "mypy"]),
    ("layers", [BIN / "lint-imports"]),
    ("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]),
    ("settings", [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]),
]


def main() -> int:
    # Django compares the migrations with those a database has seen: here, an empty one of tests.
    database = os.environ.get("DATABASE_URL") or throw_away(BASE_DIR / "var" / "test-postgres")
    env = {**os.environ, **DEPLOYED, "DATABASE_URL": database}
    failed = [name for name, command in CHECKS if not _passes(name, command, env)]
    print(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def _passes(name: str, command: list[str | Path], env: dict[str, str]) -> bool:
    """Quiet when it passes; everything it said when it does not."""
    begun = time.monotonic()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    verdict = "FAILED" if done.returncode else "passed"
    print(f"{name:<12}{verdict}  {time.monotonic() - begun:.1f} s")
    if done.returncode:
        print(done.stdout + done.stderr)
    sys.stdout.flush()
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
