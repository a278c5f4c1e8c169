"""No error page for developers, and no line of a log, has a key in it."""

import io
import logging
from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from django.http import HttpRequest
from django.test import RequestFactory
from django.views.debug import technical_500_response
from django.views.decorators.debug import sensitive_variables

from chatsite.hidden import STARS, Line, hidden, learn
from conversations.models import Provider
from conversations.models.catalogue import KeyFrom
from conversations.provider import keys

# Like no key of anybody's: nothing but knowing it gives it away.
ODD = "zebra&crossing'19"


@pytest.fixture
def debugging(settings: Any) -> HttpRequest:
    settings.DEBUG = True
    form = {"login": "ada", "password": "swordfish", "key": ODD, "harmless": "a-b-c"}
    headers = {"cookie": "sessionid=abcdefghijkl", "authorization": "Bearer abcdefghijkl"}
    return RequestFactory().post("/admin/", form, headers=headers)


def page(request: HttpRequest, **variables: object) -> str:
    """Of an error that happens where there are these variables."""
    with pytest.raises(ZeroDivisionError) as problem:
        exec("1 / 0", {}, variables)  # a frame with variables of our choice
    exception = problem.value
    told = technical_500_response(request, type(exception), exception, exception.__traceback__)
    return told.content.decode()


def test_what_is_called_a_secret_is_not_on_the_page(debugging: HttpRequest) -> None:
    told = page(
        debugging,
        api_key="alpha-12345",
        said={"nested": {"token": "bravo-12345"}, "name": "shown-12345"},
        headers=[("x", {"Authorization": "charlie-12345"})],
    )
    assert "shown-12345" in told and "a-b-c" in told
    for secret in ("alpha-12345", "bravo-12345", "charlie-12345", "swordfish", "abcdefghijkl"):
        assert secret not in told, secret


@sensitive_variables("plain")
def declared(plain: str) -> str:
    raise LookupError


def test_what_its_function_declares_a_secret_is_not_either(debugging: HttpRequest) -> None:
    plain = str(uuid4())  # no line of this file, which the page quotes
    with pytest.raises(LookupError) as problem:
        declared(plain)
    told = technical_500_response(debugging, LookupError, problem.value, problem.tb.tb_next)
    assert plain not in told.content.decode()


FERNET = Fernet.generate_key().decode()
TOKEN = Fernet(FERNET).encrypt(b"sk").decode()
LOOKS = {
    "sk-proj-abc_DEF-123456": "proj-a",
    "Bearer eyJhbGciOi.eyJzdWI.c2ln": "eyJ",
    FERNET: FERNET[:9],
    TOKEN: TOKEN[:9],
    "postgresql://chat:swordfish@db/chat": "swordf",
    "host=db user=chat password=swordfish": "swordf",
}


@pytest.mark.parametrize(("secret", "part"), LOOKS.items(), ids=range(len(LOOKS)))
def test_what_looks_like_a_secret_is_not_either(
    debugging: HttpRequest, secret: str, part: str
) -> None:
    """Nor what is left of it where Django folds or cuts a long value."""
    for value in (secret, [secret.encode()], ("x" * (4_090 - len(secret) // 2), secret)):
        told = page(debugging, value=value)
        assert STARS in told and part not in told


def test_a_key_that_was_read_once_is_nowhere_to_be_read(
    debugging: HttpRequest, settings: Any
) -> None:
    settings.API_KEYS = {"OURS_API_KEY": ODD}
    row = Provider(name="ours", key_from=KeyFrom.ENVIRONMENT, key_name="OURS_API_KEY")
    assert keys.key_of(row) == ODD
    told = page(debugging, value=ODD, other=f"…{ODD}…".encode())
    assert "zebra" not in told and "crossing" not in told


def test_a_line_of_a_log_has_no_key_whoever_writes_it() -> None:
    learn("quite-another-secret")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Line())
    problem = ValueError("Illegal header value b'Bearer sk-abcdefgh'")
    log = logging.Logger("some.library")  # noqa: LOG001 nobody else's
    log.addHandler(handler)
    log.error("called with %s", {"key": "quite-another-secret"}, exc_info=problem)
    assert "quite-another" not in stream.getvalue() and "sk-abc" not in stream.getvalue()
    assert "Illegal header value" in stream.getvalue()


def test_a_word_is_no_secret() -> None:
    learn("none", "")
    assert hidden("none of these is a secret: gpt-4o, /v1/models, sk-ip") == (
        "none of these is a secret: gpt-4o, /v1/models, sk-ip"
    )


def test_our_logs_are_written_so(settings: Any) -> None:
    formatters = settings.LOGGING["formatters"].values()
    assert {one.get("class") for one in formatters} == {"chatsite.hidden.Line"}
