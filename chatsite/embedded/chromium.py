"""Before `make test`: a Chromium of Debian's, installed where it is missing and we may.

The tests take the headless one: the same engine without the browser around it, and a page costs a third less
(decision 0144). A whole Chromium does as well.
"""

import os
import shutil
import subprocess
import sys

from chatsite.embedded.trouble import Trouble

HEADLESS = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome")
ADVICE = (
    f"Install it (`sudo apt-get install {HEADLESS}`), "
    "or run the tests that need none: `make test WITHOUT=browser`."
)


def program() -> str | None:
    """What the tests run in."""
    return next(filter(None, map(shutil.which, (HEADLESS, *NAMES))), None)


def main() -> None:
    if shutil.which(HEADLESS):
        return
    prefix = _as_root() if shutil.which("apt-get") else None
    if program():
        if prefix is not None:
            _install_beside(prefix)
    elif prefix is None:
        raise Trouble(f"The tests need Chromium, and this user may not install it. {ADVICE}")
    else:
        _install(prefix)


def _install_beside(prefix: list[str]) -> None:
    """Of the version that is there: a newer one would change the whole Chromium, too. Where it cannot be had,
    that one does."""
    asked = ["dpkg-query", "--show", "--showformat=${Version}", "chromium-common"]
    version = _told(asked) if shutil.which(asked[0]) else ""
    if version:
        _told(_installing(prefix, f"{HEADLESS}={version}"))


def _install(prefix: list[str]) -> None:
    print("Tests need Chromium: installing Debian's by apt-get …", flush=True)
    # Package lists are often empty or old; the update is only worth its time when they are.
    if _run(_installing(prefix, HEADLESS)):
        return
    _run([*prefix, "apt-get", "update", "-q"])
    # Older systems have the whole one only.
    if not any(_run(_installing(prefix, package)) for package in (HEADLESS, NAMES[0])):
        raise Trouble(f"apt-get could not install Chromium; its reasons are above. {ADVICE}")


def _installing(prefix: list[str], package: str) -> list[str]:
    return [*prefix, "apt-get", "install", "-y", "-q", "--no-install-recommends", package]


def _as_root() -> list[str] | None:
    """What to write before a command that needs root; None if we may not."""
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive"]
    if shutil.which("sudo") and _run(["sudo", "-n", "true"]):
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    return None


def _run(command: list[str]) -> bool:
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0


def _told(command: list[str]) -> str:
    """What it printed, or nothing if it failed, of which nobody needs to hear."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


if __name__ == "__main__":
    main()
