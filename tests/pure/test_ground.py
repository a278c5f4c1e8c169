"""What everything stands on: variables, text, ids."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatsite.env import Env, WrongVariable, is_loopback, read_env_file
from conversations.ids import parsed, uuid7, uuid7_of
from conversations.text import TITLE_CHARACTERS, clean, first_words

anything = st.text(st.characters(codec=None, exclude_categories=()))


@given(anything)
def test_clean_text_can_be_stored_and_stays_as_it_is(text: str) -> None:
    stored = clean(text)
    assert "\x00" not in stored and stored.encode("utf-8").decode("utf-8") == stored
    assert clean(stored) == stored


def test_a_pair_of_halves_becomes_its_character_and_a_lone_half_goes() -> None:
    assert clean("a\ud83d\ude00b\ud83dc\ude00d\x00e") == "a😀bcde"


@given(anything)
def test_a_title_is_one_short_line(text: str) -> None:
    title = first_words(clean(text))
    assert len(title) <= TITLE_CHARACTERS and "\n" not in title and title == title.strip()


def test_a_title_is_cut_between_words() -> None:
    assert first_words("one two  three\nfour", 12) == "one two…"
    assert first_words("x" * 100, 10) == "x" * 9 + "…"


def test_ids_sort_by_the_time_they_were_made_and_are_version_7() -> None:
    made = [uuid7() for _ in range(50)]
    assert [id.int >> 80 for id in made] == sorted(id.int >> 80 for id in made)
    assert {(id.version, id.variant) for id in made} == {(7, "specified in RFC 4122")}


def test_what_is_made_later_sorts_later_also_within_a_millisecond() -> None:
    made = [uuid7() for _ in range(10_000)]
    assert made == sorted(made) and len(set(made)) == len(made)


def test_what_comes_from_elsewhere_twice_has_one_id() -> None:
    one = uuid7_of(1_700_000_000_000, "ada", "conv-1")
    assert one == uuid7_of(1_700_000_000_000, "ada", "conv-1")
    others = [
        uuid7_of(1_700_000_000_000, *names) for names in (("adac", "onv-1"), ("ben", "conv-1"))
    ]
    assert one.version == 7 and len({one, *others}) == 3


@pytest.mark.parametrize(
    "value", [None, 7, "", "7", "x" * 36, "{1a1fe7b-4a46-775c-9429-962191aa7aec", ["a"]]
)
def test_what_is_no_id_is_none(value: object) -> None:
    assert parsed(value) is None


def test_a_file_of_variables_is_read_as_people_write_it(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# note\nexport A=1\nB = 'two # 2'\nC=3 # three\nnonsense\n")
    assert read_env_file(file) == {"A": "1", "B": "two # 2", "C": "3"}


@pytest.mark.parametrize("value", ["70000", "-1", "8k", "٣", "0"])
def test_a_wrong_port_is_told_in_one_sentence(value: str) -> None:
    with pytest.raises(
        WrongVariable, match=r"^CHATSITE_PORT=.* cannot be used: .*65535 is needed\.$"
    ):
        Env({"CHATSITE_PORT": value}).whole("CHATSITE_PORT", 8000, least=1, most=65535)


@pytest.mark.parametrize(
    "value",
    [
        "chat.example.org",
        "ftp://a",
        "http://",
        "http://a:x",
        "http://a/b",
        "http://a:0",
        "http://a#b",
    ],
)
def test_a_wrong_address_is_told(value: str) -> None:
    with pytest.raises(WrongVariable, match="CHATSITE_PUBLIC_URL"):
        Env({"CHATSITE_PUBLIC_URL": value}).origin("CHATSITE_PUBLIC_URL")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("HTTPS://Chat.Example.ORG/", "https://chat.example.org"),
        ("https://chat.example.org:443", "https://chat.example.org"),
        ("http://chat.example.org:443", "http://chat.example.org:443"),
        ("http://[2001:DB8::1]:8000", "http://[2001:db8::1]:8000"),
    ],
)
def test_an_address_is_written_as_browsers_write_it(value: str, written: str) -> None:
    found = Env({"CHATSITE_PUBLIC_URL": value}).origin("CHATSITE_PUBLIC_URL")
    assert found is not None and found.geturl() == written


@pytest.mark.parametrize(
    "word",
    ["http://a.test", "a.test/b", "a@b", "*.a.test", ":80", "a.test:x", "a.test:0", "a?b", "a b"],
)
def test_hosts_are_named_one_by_one(word: str) -> None:
    assert Env({"H": "A.test, [fd00::1]:81"}).hosts("H") == ["a.test", "[fd00::1]:81"]
    with pytest.raises(WrongVariable):
        Env({"H": f"a.test,{word}"}).hosts("H")


def test_an_empty_variable_is_an_unset_one() -> None:
    env = Env({"A": " ", "B": "no"})
    assert env.text("A", "default") == "default" and env.flag("A", True) and not env.flag("B", True)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.8.9.1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("a.org", False),
    ],
)
def test_what_means_this_machine_alone(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
