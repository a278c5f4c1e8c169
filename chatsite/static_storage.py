"""Static files under names that carry their hash, so that browsers may keep them for ever.

Modules are not rewritten: they import each other by plain relative names, and the import map of the
page says under which hashed name each one is (`import_map`). So a module's hash depends on its own
words only, and no pattern has to understand JavaScript, minified libraries included.
"""

import json
import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

SHEETS = ["css/site.css"]
IMPORT = re.compile(r'@import "([^"]+)";\n?')
# What our modules call by a bare name; `make assets` puts it there.
LIBRARIES = {"marked": "vendor/marked.esm.js", "dompurify": "vendor/purify.es.mjs"}


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    # Style sheets only. Those for scripts would look for source maps, which nobody ships.
    patterns = tuple(pair for pair in ManifestStaticFilesStorage.patterns if pair[0] == "*.css")

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        """Before hashing, put the parts of a sheet into it: one request, not a chain of them."""
        for sheet in SHEETS:
            if sheet in paths and not dry_run:
                joined = self._joined(sheet, paths)
                self.delete(sheet)
                self._save(sheet, ContentFile(joined.encode()))
                paths = {**paths, sheet: (self, sheet)}
        yield from super().post_process(paths, dry_run, **options)

    def _joined(self, sheet: str, paths: dict[str, Any]) -> str:
        def part(match: re.Match[str]) -> str:
            return self._source(posixpath.join(posixpath.dirname(sheet), match[1]), paths)

        return IMPORT.sub(part, self._source(sheet, paths))

    def _source(self, name: str, paths: dict[str, Any]) -> str:
        storage, path = paths[name]
        with storage.open(path) as file:
            return str(file.read().decode())

    def stored_name(self, name: str) -> str:
        # Before the first collectstatic (tests, a management command) there are only plain names.
        return super().stored_name(name) if self.hashed_files else name


def own_modules() -> list[str]:
    root = Path(settings.BASE_DIR) / "static"
    return sorted(path.relative_to(root).as_posix() for path in (root / "js").rglob("*.js"))


class ImportMap(NamedTuple):
    map: str  # as JSON, for `<script type="importmap">`
    addresses: list[str]  # all that is in it: fetched at once, not one import after the other


def import_map() -> ImportMap:
    """Every module and library → its address under its hashed name."""
    return _import_map() if settings.DEBUG else _kept_import_map()


def _import_map() -> ImportMap:
    modules = {settings.STATIC_URL + name: staticfiles_storage.url(name) for name in own_modules()}
    libraries = {bare: staticfiles_storage.url(name) for bare, name in LIBRARIES.items()}
    imports = {name: address for name, address in modules.items() if name != address} | libraries
    text = json.dumps({"imports": imports}, separators=(",", ":"))
    return ImportMap(text, [*libraries.values(), *modules.values()])


_kept_import_map = lru_cache(maxsize=1)(_import_map)
