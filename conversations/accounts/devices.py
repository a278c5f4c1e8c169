"""What a browser says of itself, in words.

No version: browsers lie about it by now, and nobody knows theirs. Who says nothing that is known here is
shown as they say it, such as a program.
"""

from django.utils.translation import gettext as _

# Whoever pretends to be another one stands before it: nearly all of them say Chrome and Safari, too.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Vivaldi/": "Vivaldi",
    "YaBrowser/": "Yandex",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Version/": "Safari",
}
# An iPhone says that it is like a Mac, and Android that it is Linux.
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Macintosh": "macOS",
    "Linux": "Linux",
}


def in_words(said: str) -> str:
    browser, system = _first(BROWSERS, said), _first(SYSTEMS, said)
    if browser and system:
        return _("{browser} on {system}").format(browser=browser, system=system)
    return said or _("Unknown browser")


def _first(known: dict[str, str], said: str) -> str:
    return next((name for mark, name in known.items() if mark in said), "")
