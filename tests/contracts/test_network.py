"""What comes from a provider, in whatever form HTTP allows, reaches the reader whole and at once."""

import asyncio
import datetime as dt
import gzip
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conversations.errors import Interrupted, ProviderUnavailable
from conversations.provider.openai_api import network
from tests.contracts.port import Heard, call, port_to
from tests.contracts.raw import CHUNKED, DONE, HEAD, Raw, chunk, chunked, said, serving

ANSWER = (said("one "), said("two"), said("", '"stop"'), DONE)
PLAIN = b"".join(ANSWER)
ZIPPED = gzip.compress(PLAIN)
LAST_WORDS = b"0\r\nX-Trailer: yes\r\n\r\n"

# Every one of them says the same.
FORMS = {
    "in chunks": CHUNKED + chunked(*ANSWER),
    "in chunks that cut the events": CHUNKED + chunked(PLAIN[:33], PLAIN[33:70], PLAIN[70:]),
    "with a trailer": CHUNKED + b"".join(map(chunk, ANSWER)) + LAST_WORDS,
    "of a known length": HEAD + b"Content-Length: %d\r\n\r\n" % len(PLAIN) + PLAIN,
    "zipped": (
        HEAD
        + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        + chunked(ZIPPED[:20], ZIPPED[20:])
    ),
    "after a first head": b"HTTP/1.1 103 Early Hints\r\n\r\n" + CHUNKED + chunked(*ANSWER),
    "with bare line feeds": CHUNKED.replace(b"\r\n", b"\n") + chunked(*ANSWER),
}


def heard_from(raw: Raw, times: int = 1, **limits: float) -> Heard:
    async def run() -> Heard:
        async with serving(raw):
            port = port_to(raw.base_url, **limits)
            for _ in range(times):
                heard = await call(port, "?", Heard())
            await port.close()
            return heard

    return asyncio.run(asyncio.wait_for(run(), 10))


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_may_come_in_any_form(form: str) -> None:
    raw = Raw([FORMS[form]])
    heard = heard_from(raw, times=2)
    assert (heard.text, heard.report.finish_reason, heard.problem) == ("one two", "stop", None)
    assert (raw.requests, raw.connections) == (2, 1)


def test_an_answer_may_end_with_its_connection() -> None:
    heard = heard_from(Raw([HEAD + b"\r\n" + PLAIN], close=True))
    assert (heard.text, heard.report.finish_reason, heard.problem) == ("one two", "stop", None)


@pytest.mark.parametrize("form", ["in chunks", "with a trailer", "zipped", "with bare line feeds"])
def test_packets_may_be_cut_anywhere(form: str) -> None:
    whole = FORMS[form]
    raw = Raw([whole[place : place + 3] for place in range(0, len(whole), 3)])
    heard = heard_from(raw)
    assert (heard.text, heard.report.finish_reason, heard.problem) == ("one two", "stop", None)


def test_what_came_together_is_one_piece() -> None:
    """A loop that is behind reads more at once; else each token would cost it as much as the first."""
    tokens = [said(f"{number} ") for number in range(500)]
    heard = heard_from(Raw([CHUNKED, chunked(*tokens, said("", '"stop"'), DONE)]))
    assert heard.text == "".join(f"{number} " for number in range(500))
    assert len(heard.pieces) <= 3


@pytest.mark.parametrize("end", [b"", b"4", b"40\r\ndata: half", b"no chunk"])
def test_a_body_without_its_end_is_a_cut(end: bytes) -> None:
    heard = heard_from(Raw([CHUNKED + chunk(said("one ")) + end], close=True))
    assert heard.text == "one "
    assert isinstance(heard.problem, Interrupted)


def test_a_connection_that_was_closed_meanwhile_is_not_asked_again() -> None:
    raw = Raw([CHUNKED + chunked(*ANSWER)], close=True)

    async def run() -> list[Heard]:
        async with serving(raw):
            port = port_to(raw.base_url)
            first = await call(port, "?", Heard())
            await asyncio.sleep(0.05)
            second = await call(port, "?", Heard())
            await port.close()
            return [first, second]

    answers = asyncio.run(asyncio.wait_for(run(), 10))
    assert [heard.text for heard in answers] == ["one two", "one two"]
    assert raw.connections == 2


def test_what_nobody_asked_for_is_not_kept() -> None:
    """A connection that waits for the next call is not read without end, and not used again."""
    raw = Raw([CHUNKED + chunked(*ANSWER), *([bytes(64 * 1024)] * 400)])

    async def run() -> Heard:
        async with serving(raw):
            port = port_to(raw.base_url)
            await call(port, "?", Heard())
            await asyncio.sleep(1)
            assert raw.written < 20 * 1024 * 1024
            again = await call(port, "?", Heard())
            await port.close()
            return again

    assert asyncio.run(asyncio.wait_for(run(), 10)).text == "one two"
    assert raw.connections == 2


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """One for 127.0.0.1 that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, private)
    return pem, context


def heard_over_tls(context: ssl.SSLContext, raw: Raw) -> list[Heard]:
    async def run() -> list[Heard]:
        async with serving(raw, context):
            port = port_to(raw.base_url.replace("http:", "https:"))
            answers = [await call(port, "?", Heard()) for _ in range(2)]
            await port.close()
            return answers

    return asyncio.run(asyncio.wait_for(run(), 10))


def test_over_tls_it_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    raw = Raw([CHUNKED, *map(chunk, ANSWER), chunk(b"")])
    answers = heard_over_tls(context, raw)
    assert [(heard.text, heard.problem) for heard in answers] == [("one two", None)] * 2
    assert raw.connections == 1


def test_a_certificate_of_a_stranger_is_refused(tmp_path: Path) -> None:
    _, context = certificate(tmp_path)
    raw = Raw([CHUNKED + chunked(*ANSWER)])
    for heard in heard_over_tls(context, raw):
        assert isinstance(heard.problem, ProviderUnavailable)
        assert not heard.problem.retryable
    assert raw.requests == 0


def test_it_is_known_whether_anything_went_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stops while the connection is being made has asked for nothing, and is not charged for it."""
    assert heard_from(Raw([CHUNKED + chunked(*ANSWER)])).report.sent

    async def run() -> Heard:
        begun = asyncio.Event()

        async def for_ever(*_where: object) -> None:
            begun.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(network, "_connected", for_ever)
        port, heard = port_to("http://127.0.0.1:9/v1"), Heard()
        calling = asyncio.create_task(call(port, "?", heard))
        await begun.wait()
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
        await port.close()
        return heard

    assert not asyncio.run(asyncio.wait_for(run(), 10)).report.sent
