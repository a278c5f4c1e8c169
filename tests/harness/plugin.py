"""Loaded by pytest before Django's settings: gives them a Postgres and nobody's own `.env`."""

import atexit
import gc
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from chatsite.languages import compile

ROOT = Path(__file__).resolve().parent.parent.parent
RESULTS = ROOT / "test-results"
FOLDER = "chatsite-tests-"
DAY_SECONDS = 86_400
# So many more objects than have gone are a reason for the garbage collector to look, not 700: a tenth of what
# pytest's own process did was looking.
RARELY = (20_000, 20, 20)

# An empty variable counts as unset and still wins over a developer's `.env`.
UNSET = [
    "CHATSITE_ANSWER_SECONDS",
    "CHATSITE_BETWEEN_TOKENS_SECONDS",
    "CHATSITE_BUILTIN_MODEL_URL",
    "CHATSITE_CONNECT_SECONDS",
    "CHATSITE_DEFAULT_MODEL",
    "CHATSITE_DRAIN_SECONDS",
    "CHATSITE_ACCEL",
    "CHATSITE_FILES_URL",
    "CHATSITE_FIRST_TOKEN_SECONDS",
    "CHATSITE_HOST",
    "CHATSITE_LOGS",
    "CHATSITE_MAIL_FROM",
    "CHATSITE_MAIL_URL",
    "CHATSITE_OPTIONS",
    "CHATSITE_PORT",
    "CHATSITE_PUBLIC_URL",
    "CHATSITE_RUNS",
    "CHATSITE_SIGNUP",
    "CHATSITE_TRUSTED_PROXIES",
    "CHATSITE_USER_REQUESTS_PER_MINUTE",
    "CHATSITE_USER_RUNS",
    "CHATSITE_USER_SOCKETS",
    "CHATSITE_USER_STORAGE",
    "DJANGO_ALLOWED_HOSTS",
    "DJANGO_CSRF_TRUSTED_ORIGINS",
    "DJANGO_DEBUG",
    "DJANGO_SUPERUSER_EMAIL",
    "DJANGO_SUPERUSER_PASSWORD",
    "DJANGO_SUPERUSER_USERNAME",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "REDIS_URL",
]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """pytest-django loads the settings in this hook; we come before it."""
    gc.disable()  # until all is imported and collected
    # As the Makefile does: each server and each run would compile everything anew, eight seconds of it tests.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    compile.main()
    os.environ.update(dict.fromkeys(UNSET, ""))
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
    os.environ["DJANGO_SECRET_KEY"] = "tests-only-" + secrets.token_hex(24)
    # The same word in all workers of one run.
    os.environ.setdefault("CHATSITE_TEST_RUN", secrets.token_hex(4))
    os.environ["CHATSITE_DATA_DIR"] = throw_away_folder()
    os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or throw_away_postgres()
    yield


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Modules and tests live until the end: the garbage collector looks at them once and never again."""
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
        gc.set_threshold(*RARELY)


def throw_away_folder() -> str:
    """It goes with this process, also where pytest ends before it has begun. A run that is killed leaves its
    own, to the first run of another day."""
    for left in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        with suppress(FileNotFoundError):  # another run has found it, too
            if time.time() - left.stat().st_mtime > DAY_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
    folder = tempfile.mkdtemp(prefix=FOLDER)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def throw_away_postgres() -> str:
    from chatsite.embedded.postgres import throw_away

    return throw_away(ROOT / "var" / "test-postgres")


def pytest_unconfigure() -> None:
    shutil.rmtree(os.environ.get("CHATSITE_DATA_DIR", ""), ignore_errors=True)
