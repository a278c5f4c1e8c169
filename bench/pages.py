"""`make lighthouse`: what Lighthouse says of the chat and of the sign-in page, on a phone and on a desktop.

Lighthouse comes by npm for this one run, into a directory that is thrown away: it brings 150 packages
that nothing else needs. It drives the Chromium that the tests use, on the loads that it simulates.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

from bench.stage import HOST, stage
from chatsite.embedded.nodejs import node
from chatsite.embedded.ports import free_port
from chatsite.embedded.trouble import Trouble

LIGHTHOUSE = "lighthouse@12.8.2"  # the last that Node.js 18 and 20 run
PAGES = {"chat": "/", "sign-in": "/accounts/login/"}
FORMS: dict[str, list[str]] = {"phone": [], "desktop": ["--preset=desktop"]}
CATEGORIES = ("performance", "accessibility", "best-practices")
RUNS = 3


def main() -> int:
    runs = 1 if os.environ.get("QUICK") else RUNS
    with tempfile.TemporaryDirectory(prefix="chatsite-lighthouse-") as name, stage() as stood:
        program = fetched(Path(name))
        print("| page | form | performance | accessibility | best practices | KiB | requests |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for page, path in PAGES.items():
            session = next(stood.ours.sessions) if page == "chat" else ""
            address = f"http://{HOST}:{stood.ours.port}{path}"
            for form, more in FORMS.items():
                with browser(address, session) as port:
                    said = [report(program, address, port, more) for _ in range(runs)]
                print(f"| {page} | {form} | {' | '.join(row(said))} |", flush=True)
                for complaint in complaints(said[0]):
                    print(f"  {complaint}", file=sys.stderr)
    return 0


def fetched(there: Path) -> list[str]:
    """The command that runs Lighthouse."""
    found = node(there / "node")
    install = [*found.npm, "install", "--no-audit", "--no-fund", "--silent", "--ignore-scripts"]
    done = subprocess.run([*install, "--prefix", there, LIGHTHOUSE], check=False)
    if done.returncode:
        raise Trouble("Lighthouse could not be fetched by npm; its reasons are above.")
    return [str(found.program), str(there / "node_modules/lighthouse/cli/index.js")]


@contextmanager
def browser(address: str, session: str) -> Iterator[int]:
    """A Chromium that has the session, at a port: Lighthouse's own would have its headers only, and
    the page's socket would be sent away. Lighthouse empties the caches and leaves cookies alone."""
    port = free_port(HOST)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--disable-dev-shm-usage", f"--remote-debugging-port={port}"],
        )
        if session:
            name, _, value = session.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": address}])
        yield port
        context.close()


def report(program: list[str], address: str, port: int, more: list[str]) -> dict[str, Any]:
    command = [*program, address, "--quiet", "--output=json", f"--port={port}", *more]
    command += [f"--only-categories={','.join(CATEGORIES)}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise SystemExit(f"Lighthouse failed on {address}:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    if found["finalDisplayedUrl"] != address:
        raise SystemExit(f"Lighthouse was led to {found['finalDisplayedUrl']}")
    return found


def row(said: list[dict[str, Any]]) -> list[str]:
    """Medians of the scores, and what the page asked for."""
    scores = [median(one["categories"][name]["score"] * 100 for one in said) for name in CATEGORIES]
    asked = said[0]["audits"]["network-requests"]["details"]["items"]
    kib = sum(item.get("transferSize", 0) for item in asked) / 1024
    return [*(f"{score:.0f}" for score in scores), f"{kib:.0f}", str(len(asked))]


def complaints(said: dict[str, Any]) -> list[str]:
    """What keeps a page from its hundred."""
    return [
        f"{name}: {audit['title']} {audit.get('displayValue', '')}"
        for name in CATEGORIES
        for part in said["categories"][name]["auditRefs"]
        if part["weight"] and (audit := said["audits"][part["id"]])["score"] not in (1, None)
    ]


if __name__ == "__main__":
    sys.exit(main())
