"""What is text is told by what is in it; a stranger's name becomes one plain line."""

import pytest

from conversations.attachments.decoding import (
    EMPTY,
    IS_PDF,
    NOT_TEXT,
    SOME_NAME,
    UNCLEAR,
    name_of,
    text_of,
)
from conversations.errors import Invalid
from tests.harness.pictures import png

WORDS = "Grüße, 日本 🦊\r\nzweite Zeile\rdritte\n"


@pytest.mark.parametrize(
    "encoded",
    [
        WORDS.encode(),
        b"\xef\xbb\xbf" + WORDS.encode(),
        WORDS.encode("utf-16"),
        b"\xfe\xff" + WORDS.encode("utf-16-be"),
        WORDS.encode("utf-32"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16", "utf-16 be", "utf-32"],
)
def test_text_is_read_without_its_mark_and_with_its_line_ends(encoded: bytes) -> None:
    assert text_of(encoded) == WORDS


def test_a_file_from_an_old_windows_is_read_as_it_was_meant() -> None:
    assert text_of("Grüße für 5 €, „Müller“".encode("cp1252")) == "Grüße für 5 €, „Müller“"


def test_a_log_with_colours_is_text() -> None:
    assert text_of(b"\x1b[31mred\x1b[0m\ttab\x0cpage") == "\x1b[31mred\x1b[0m\ttab\x0cpage"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", EMPTY),
        (b"\xef\xbb\xbf", EMPTY),
        (b"words\x00words", NOT_TEXT),
        ("words\x00".encode("utf-16"), NOT_TEXT),
        (png(20, 20), NOT_TEXT),
        (b"\x1f\x8b\x08\x04\x01", NOT_TEXT),
        (b"%PDF-1.4\n1 0 obj", IS_PDF),
        (b"%PDF-1.4\n\x00\xe2\xe3", IS_PDF),
        ("Привет, мир".encode("cp1251"), UNCLEAR),
        ("日本語の文".encode("shift-jis"), UNCLEAR),
        (b"\xff\xfe" + b"odd", UNCLEAR),
        ("\ud800".encode("utf-16-le", "surrogatepass").join([b"\xff\xfe", b""]), UNCLEAR),
        (b"\xef\xbb\xbf" + b"\xff", UNCLEAR),
    ],
    ids=lambda _: "",  # a picture is another one in each worker, and its bytes would name the test
)
def test_what_is_no_text_is_refused_with_the_reason(content: bytes, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        text_of(content)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("notes.md", "notes.md"),
        (r"C:\Users\ada\notes.md", "notes.md"),
        ("../../etc/passwd", "passwd"),
        ("a\nb\r\n`c`.txt", "a b `c`.txt"),
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("nul\x00l.txt", "null.txt"),
        ("half\ud800.txt", "half.txt"),
        ("u\u0308ber.txt", "über.txt"),
        ("  .  ", SOME_NAME),
        ("", SOME_NAME),
        (None, SOME_NAME),
    ],
)
def test_a_name_is_one_line_without_a_path(given: str | None, name: str) -> None:
    assert name_of(given) == name


def test_a_long_name_keeps_its_ending() -> None:
    long = name_of("n" * 500 + ".csv")
    assert len(long) == 120
    assert long.endswith("n….csv")
    assert len(name_of("n" * 500)) == len(name_of("n." + "x" * 500)) == 120
