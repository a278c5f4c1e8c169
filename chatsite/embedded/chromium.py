"""Before `make test`: Debian's Chromium, installed where it is missing and we may."""

import os
import shutil
import subprocess
import sys

from chatsite.embedded.trouble import Trouble

NAMES = ("chromium", "chromium-browser", "google-chrome")
ADVICE = (
    "Install it (`sudo apt-get install chromium`), "
    "or run the tests that need none: `make test WITHOUT=browser`."
)


def main() -> None:
    if any(map(shutil.which, NAMES)):
        return
    prefix = _as_root()
    if prefix is None or not shutil.which("apt-get"):
        raise Trouble(f"The tests need Chromium, and this user may not install it. {ADVICE}")
    print("Tests need Chromium: installing Debian's by apt-get …", flush=True)
    install = [*prefix, "apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"]
    # Package lists are often empty or old; the update is only worth its time when they are.
    if not _run(install) and not (_run([*prefix, "apt-get", "update", "-q"]) and _run(install)):
        raise Trouble(f"apt-get could not install Chromium; its reasons are above. {ADVICE}")


def _as_root() -> list[str] | None:
    """What to write before a command that needs root; None if we may not."""
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive"]
    if shutil.which("sudo") and _run(["sudo", "-n", "true"]):
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    return None


def _run(command: list[str]) -> bool:
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0


if __name__ == "__main__":
    main()
