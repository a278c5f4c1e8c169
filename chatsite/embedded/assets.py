"""`make assets`: copy what the page needs of its libraries from npm to `static/vendor/`.

Everything happens in a directory that is thrown away: no `node_modules` stays behind.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from chatsite.embedded import app_icons
from chatsite.embedded.nodejs import Node, node
from chatsite.embedded.trouble import Trouble

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VENDOR = BASE_DIR / "static" / "vendor"
ICON_NAMES = BASE_DIR / "static" / "icons" / "names.txt"
ICONS = Path("lucide-static/icons")
# What joins the modules of a page (chatsite/static_storage.py); it is wanted at each collectstatic.
JOINER = Path(sys.prefix) / "bin" / "esbuild"
# From node_modules to static/vendor, each a file without imports of its own.
FILES = {
    "marked/lib/marked.esm.js": "marked.esm.js",
    "@highlightjs/cdn-assets/es/highlight.min.js": "highlight.mjs",
    "katex/dist/katex.min.js": "katex.mjs",
    "katex/dist/katex.min.css": "katex.css",
    "@mermaid-js/tiny/dist/mermaid.tiny.js": "mermaid.js",
}
FONTS = "katex/dist/fonts"
# KaTeX has its small form only as a script that leaves a global behind.
ENDINGS = {"katex.mjs": "export default globalThis.katex;\n"}
# Every browser of today reads WOFF2; the older forms are three times as much.
OLDER_FONTS = re.compile(r',url\([^)]+\) format\("(?:woff|truetype)"\)')
# The maps are not copied, and the hashing storage refuses a file that names one that is missing.
SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$\n?", re.MULTILINE)
SVG = "http://www.w3.org/2000/svg"


def main() -> None:
    print("Front-end libraries: npm, then static/vendor …", flush=True)
    with tempfile.TemporaryDirectory(prefix="chatsite-assets-") as name:
        there = Path(name)
        modules = install(node(there / "node"), there)
        draft = there / "vendor"
        copy_libraries(modules, draft)
        shutil.copy(joiner(modules), JOINER)
        names = ICON_NAMES.read_text(encoding="utf-8").split()
        (draft / "icons.svg").write_text(sprite(modules / ICONS, names), encoding="utf-8")
        app_icons.draw(draft)
        VENDOR.mkdir(parents=True, exist_ok=True)
        shutil.copytree(draft, VENDOR, dirs_exist_ok=True)


def install(with_node: Node, there: Path) -> Path:
    """`npm ci` by the lock file; no package's script is run."""
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(BASE_DIR / name, there / name)
    command = [
        *with_node.npm,
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--omit=dev",
    ]
    env = {**os.environ, "PATH": f"{with_node.program.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=there, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise Trouble("The front-end libraries could not be fetched by npm; its reasons are above.")
    return there / "node_modules"


def joiner(modules: Path) -> Path:
    """npm installs the one package that is for this machine."""
    found = next(modules.glob("@esbuild/*/bin/esbuild"), None)
    if found is None:
        raise Trouble("npm has no esbuild for this machine, which joins the modules of the page.")
    return found


def copy_libraries(modules: Path, target: Path) -> None:
    target.mkdir()
    for source, name in FILES.items():
        text = SOURCE_MAP.sub("", (modules / source).read_text(encoding="utf-8"))
        if name.endswith(".css"):
            text = OLDER_FONTS.sub("", text)
        (target / name).write_text(text + ENDINGS.get(name, ""), encoding="utf-8")
    shutil.copytree(modules / FONTS, target / "fonts", ignore=_all_but_woff2)


def _all_but_woff2(_directory: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(".woff2")]


def sprite(icons: Path, names: list[str]) -> str:
    """One file of symbols; a page shows one by `<svg><use href="…/icons.svg#name"/></svg>`."""
    ET.register_namespace("", SVG)
    root = ET.Element(f"{{{SVG}}}svg")
    for name in sorted(set(names)):
        source = icons / f"{name}.svg"
        if not source.is_file():
            raise Trouble(f"static/icons/names.txt names {name!r}, which lucide does not have.")
        drawing = ET.fromstring(source.read_text(encoding="utf-8"))  # noqa: S314  ours, by hash
        symbol = ET.SubElement(root, f"{{{SVG}}}symbol", id=name, viewBox=drawing.attrib["viewBox"])
        symbol.extend(drawing)
    drawn = ET.tostring(root, encoding="unicode")
    return f"<!-- Drawn by lucide, https://lucide.dev, ISC license -->\n{drawn}\n"


if __name__ == "__main__":
    main()
