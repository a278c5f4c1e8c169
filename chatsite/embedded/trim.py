"""Take from the installed packages what no site of ours reads, about a fifth of their size.

The test suites of others, translations (the site speaks English and German), static libraries, of the
page that describes the API what it does not show, and what `UNUSED` names. Nothing else: autobahn, for
one, reads a C file at import.
`make` calls this after pip. Who adds a language adds it to LANGUAGES and installs anew.
"""

import shutil
import sysconfig
from collections.abc import Iterator
from pathlib import Path

LANGUAGES = ("en", "en_*", "de")
TEST_DIRECTORIES = ("test", "tests")
UNUSED = (
    # A compiler of schemas, for those who develop autobahn.
    "autobahn/_flatc/bin/*",
    # Of Twisted the protocols and tools that a web server has no use for, of Django what draws maps.
    *(f"twisted/{part}" for part in ("conch", "mail", "names", "pair", "positioning")),
    *(f"twisted/{part}" for part in ("trial", "words")),
    "twisted/plugins/twisted_trial.py",
    "twisted/plugins/twisted_words.py",
    "django/contrib/gis",
    # One of the ways in which autobahn could write WAMP, which is spoken by nobody here.
    "msgpack",
    # Of OpenAI's SDK what is loaded when it is first called: assistants, the keys of an organisation, what
    # is spoken, and the training and trial of models.
    *(f"openai/*/{part}" for part in ("beta", "admin", "realtime", "live", "fine_tuning", "evals")),
    # Of allauth what answers programs in place of pages, and what signs people in elsewhere.
    "allauth/headless",
    "allauth/idp",
    # What speaks to a security key that is plugged in: here a browser does.
    "fido2/client",
    "fido2/ctap2",
    "fido2/hid",
    # Starters for Windows of programs that pip would install.
    "pip/_vendor/distlib/*.exe",
)
# Of the sites that one could sign in with, allauth has a hundred; what they are made of stays.
MADE_OF = {"base", "oauth", "oauth2", "openid", "openid_connect", "__pycache__"}


def main() -> None:
    packages = Path(sysconfig.get_path("purelib"))
    gone = (*translations(packages), *caches_of_pip(packages), *sites_to_sign_in_with(packages))
    for directory in [*test_suites(packages), *gone]:
        shutil.rmtree(directory)
    for unread in [*packages.rglob("*.a"), *other_descriptions(packages)]:
        unread.unlink()
    for unused in [path for pattern in UNUSED for path in packages.glob(pattern)]:
        shutil.rmtree(unused) if unused.is_dir() else unused.unlink()


def test_suites(packages: Path) -> list[Path]:
    """Whole suites only: `django/test` is a library for tests, not a suite."""
    found = [path for name in TEST_DIRECTORIES for path in packages.glob(f"*/**/{name}")]
    return _outermost(path for path in found if path.is_dir() and any(path.glob("test_*.py")))


def translations(packages: Path) -> list[Path]:
    found = [path.parent for path in packages.glob("*/**/locale/*/LC_MESSAGES")]
    return [path for path in found if not any(path.match(kept) for kept in LANGUAGES)]


def other_descriptions(packages: Path) -> list[Path]:
    """Our page is Swagger's. Each of these would come twice more, hashed and packed, with collectstatic."""
    static = packages / "ninja" / "static" / "ninja"
    return [*static.glob("redoc.*"), *static.glob("swagger*.js.map")]


def sites_to_sign_in_with(packages: Path) -> list[Path]:
    found = packages.glob("allauth/socialaccount/providers/*/")
    return [path for path in found if path.is_dir() and path.name not in MADE_OF]


def caches_of_pip(packages: Path) -> list[Path]:
    """pip runs once; it need not start fast for ever."""
    return list((packages / "pip").rglob("__pycache__"))


def _outermost(paths: Iterator[Path]) -> list[Path]:
    kept: list[Path] = []
    for path in sorted(paths):
        if not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return kept


if __name__ == "__main__":
    main()
