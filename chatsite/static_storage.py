"""Static files under names that carry their hash, so that browsers may keep them for ever.

A page asks for one sheet and one script: the parts of a sheet are put into it, and esbuild joins the
modules behind each script of `static/js/` with the libraries that all pages need. Libraries that few
pages need are fetched when they are first called, by the name that the import map gives them. With
DEBUG nothing of this happens: the browser loads the modules as they stand in `static/`.
"""

import json
import posixpath
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from whitenoise.compress import Compressor  # type: ignore[import-untyped]
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

SHEETS = ["css/site.css", "css/reading.css", "css/looking.css"]
IMPORT = re.compile(r'@import "([^"]+)";\n?')
# The scripts of pages; what they are made of stands in the folders beside them.
SCRIPT = re.compile(r"js/[^/]+\.js")
JOINER = Path(sys.prefix) / "bin" / "esbuild"
# Browsers that know import maps, which the page needs anyway.
BROWSERS = "chrome109,edge109,firefox115,safari16.4"
# What our modules call by a bare name; `make assets` puts it there. These are in every script …
LIBRARIES = {"marked": "vendor/marked.esm.js"}
# … and these are fetched when they are first needed; the last one is a script of ours.
LATER = {
    "highlight.js": "vendor/highlight.mjs",
    "katex": "vendor/katex.mjs",
    "looking": "js/looking.js",
}


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    # Style sheets only. Those for scripts would look for source maps, which nobody ships.
    patterns = tuple(pair for pair in ManifestStaticFilesStorage.patterns if pair[0] == "*.css")

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        """Before hashing, join what belongs together: one request, not a chain of them."""
        if not dry_run:
            sheets = {name: self._joined(name, paths) for name in SHEETS if name in paths}
            scripts = {name: self._script(name, paths) for name in paths if SCRIPT.fullmatch(name)}
            for name, text in {**sheets, **scripts}.items():
                self.delete(name)
                self._save(name, ContentFile(text.encode()))
                paths = {**paths, name: (self, name)}
        yield from super().post_process(paths, dry_run, **options)

    def create_compressor(self, **options: Any) -> Compressor:
        """gzip only: Brotli would take off a tenth more, and a minute at each collectstatic."""
        return Compressor(**options, use_brotli=False)

    def _joined(self, sheet: str, paths: dict[str, Any]) -> str:
        def part(match: re.Match[str]) -> str:
            return self._source(posixpath.join(posixpath.dirname(sheet), match[1]), paths)

        return IMPORT.sub(part, self._source(sheet, paths))

    def _script(self, script: str, paths: dict[str, Any]) -> str:
        """Joined from the sources: what lies here may be what was joined the last time."""
        if not JOINER.exists():
            raise ImproperlyConfigured("esbuild is missing, which joins the scripts: make assets")
        libraries = [f"--alias:{bare}={_path(name, paths)}" for bare, name in LIBRARIES.items()]
        later = [f"--external:{bare}" for bare in LATER]
        command = [str(JOINER), _path(script, paths), "--bundle", "--format=esm", "--minify"]
        command += [f"--target={BROWSERS}", "--charset=utf8", "--log-level=warning"]
        done = subprocess.run([*command, *libraries, *later], capture_output=True, check=False)
        if done.returncode:
            raise ImproperlyConfigured(f"esbuild cannot join {script}: {done.stderr.decode()}")
        return done.stdout.decode()

    def _source(self, name: str, paths: dict[str, Any]) -> str:
        storage, path = paths[name]
        with storage.open(path) as file:
            return str(file.read().decode())

    def stored_name(self, name: str) -> str:
        # Before the first collectstatic (tests, a management command) there are only plain names.
        return super().stored_name(name) if self.hashed_files else name


def _path(name: str, paths: dict[str, Any]) -> str:
    storage, path = paths[name]
    return str(storage.path(path))


def import_map() -> str:
    """The libraries that modules call by name, as JSON for `<script type="importmap">`."""
    return _import_map() if settings.DEBUG else _kept_import_map()


def _import_map() -> str:
    """Where modules are not joined, they call all of their libraries by name."""
    named = {**LIBRARIES, **LATER} if settings.DEBUG else LATER
    imports = {bare: staticfiles_storage.url(name) for bare, name in named.items()}
    return json.dumps({"imports": imports}, separators=(",", ":"))


_kept_import_map = lru_cache(maxsize=1)(_import_map)
