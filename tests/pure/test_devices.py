"""Where somebody is signed in reads as a person would say it."""

import pytest

from conversations.accounts.devices import in_words

WINDOWS, MAC, LINUX = (
    "(Windows NT 10.0; Win64; x64)",
    "(Macintosh; Intel Mac OS X)",
    "(X11; Linux x86_64)",
)
PHONE, PAD = "(iPhone; CPU iPhone OS 18_1 like Mac OS X)", "(iPad; CPU OS 18_1 like Mac OS X)"
ANDROID, BOOK = "(Linux; Android 10; K)", "(X11; CrOS x86_64 14541.0.0)"
BLINK, WEBKIT = "AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36", "AppleWebKit/605.1.15"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (f"Mozilla/5.0 {WINDOWS} {BLINK}", "Chrome on Windows"),
        (f"Mozilla/5.0 {WINDOWS} {BLINK} Edg/130.0", "Edge on Windows"),
        (f"Mozilla/5.0 {ANDROID} {BLINK} EdgA/130.0", "Edge on Android"),
        (f"Mozilla/5.0 {LINUX} {BLINK} OPR/115.0", "Opera on Linux"),
        (f"Mozilla/5.0 {BOOK} {BLINK}", "Chrome on ChromeOS"),
        (f"Mozilla/5.0 {ANDROID} {BLINK}", "Chrome on Android"),
        (f"Mozilla/5.0 {ANDROID} SamsungBrowser/26.0 {BLINK}", "Samsung Internet on Android"),
        (f"Mozilla/5.0 {LINUX} Gecko/20100101 Firefox/132.0", "Firefox on Linux"),
        (f"Mozilla/5.0 {PHONE} {WEBKIT} FxiOS/132.0 Mobile Safari/604.1", "Firefox on iPhone"),
        (f"Mozilla/5.0 {MAC} {WEBKIT} Version/18.1 Safari/605.1.15", "Safari on macOS"),
        (f"Mozilla/5.0 {PHONE} {WEBKIT} Version/18.1 Mobile Safari/604.1", "Safari on iPhone"),
        (f"Mozilla/5.0 {PAD} {WEBKIT} CriOS/130.0 Mobile Safari/604.1", "Chrome on iPad"),
        ("curl/8.5.0", "curl/8.5.0"),
        (f"Mozilla/5.0 {WINDOWS}", f"Mozilla/5.0 {WINDOWS}"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_called_what_people_call_it(said: str, words: str) -> None:
    assert in_words(said) == words
