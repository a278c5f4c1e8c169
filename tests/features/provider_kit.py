"""What every sentence about a provider's trouble has to be."""

from tests.harness.people import Asked

LEAKS = ("Traceback", "127.0.0.1", "sk-stub", "Error(", "openai", "httpx", "{", "<html")


def told_in_words(asked: Asked) -> None:
    """`error` is for the person who reads it, and the same live and stored."""
    message = asked.stored()["error"]["message"]
    assert message == asked.finished["message"]["error"]["message"]
    assert message[0].isupper() and message.rstrip()[-1] in ".!?"
    assert not [leak for leak in LEAKS if leak in message], message
