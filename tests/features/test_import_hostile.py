"""Whatever is in the file: a clear end, or a line about what was left out; never a broken server."""

import io
import json
import struct
import time
import zipfile
from typing import Any

import pytest

from conversations.chat.imports import archive
from conversations.chat.imports.archive import Archive
from conversations.errors import Invalid, TooLarge
from conversations.models import Boot, Conversation, ImportJob
from tests.features.exports_kit import bring, left, listing, node, plain, talk, zipped
from tests.harness.database import Ground
from tests.harness.people import Person

MANY = 1000
NOBODY = "01890000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"PK\x03\x04 and nothing more",
        b"PK\x05\x06" + b"\xff" * 18,
        b"\x89PNG\r\n\x1a\n",
        zipped({}),
        zipped({"photo.png": b"x"}),
        zipped({"conversations.json": b"hello"}),
        zipped({"conversations.json": [plain()]})[:-40],
    ],
)  # fmt: skip
def test_a_file_that_is_none_ends_with_a_sentence(ada: Person, content: bytes) -> None:
    job = bring(ada, content)
    assert job["status"] == "failed" and job["error"].endswith(".")
    assert listing(ada) == []


STRANGE: list[Any] = [
    {},
    {"mapping": None},
    {"mapping": []},
    {"mapping": {"a": None, "b": 7, "c": {"message": "text", "parent": 4}}},
    {"id": 7, "title": ["x"], "create_time": "soon", "mapping": {"a": {"message": {"author": []}}}},
    {"format": "chatsite.conversation", "version": 99, "id": "x", "messages": []},
    {"format": "chatsite.conversation", "version": "1", "id": None},
    talk(node("a", "b", "user", "In a ring"), node("b", "a", "assistant", "of two")),
    talk(node("a", "a", "user", "Its own parent")),
    plain("times", create_time=1e300, update_time=float("nan")),
    plain("surrogate", title="half \ud800 of it \u0000"),
    talk(node("q", None, "user", "NUL \u0000 and \ud83d half"), id="nul"),
    talk(node("q", None, "wizard", "unknown role"), id="role"),
    talk(node("q", None, "user", content={"content_type": "hologram", "parts": 4}), id="kind"),
    talk(
        node("q", None, "user", content={"content_type": "text", "parts": [None, 5, {"a": 1}]}),
        id="p",
    ),
]


def test_strange_conversations_do_not_spoil_the_others(ada: Person) -> None:
    content = json.dumps([*STRANGE, plain("whole")]).encode()
    job = bring(ada, content)
    assert job["status"] == "complete" and job["found"] == len(STRANGE) + 1
    assert left(job)["conversations_unreadable"] == 5
    assert left(job)["conversations_empty"] == 7
    assert left(job)["rings"] == 3
    titles = [one["title"] for one in listing(ada)]
    assert "half of it" in titles
    texts = [
        one["text"]
        for talk in listing(ada)
        for one in ada.api("GET", f"conversations/{talk['id']}/messages")["items"]
    ]
    assert "NUL  and  half" in texts


def test_a_deep_nest_is_left_out(ada: Person) -> None:
    deep = b'{"mapping": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}"
    job = bring(ada, b"[" + deep + b"," + json.dumps(plain()).encode() + b"]")
    assert (job["imported"], left(job)) == (1, {"conversations_unreadable": 1})


def test_a_chain_of_thousands_of_messages_costs_no_stack(ada: Person) -> None:
    nodes = [node("n0", None, "user", "0")]
    for number in range(1, 3000):
        role = "assistant" if number % 2 else "user"
        nodes.append(node(f"n{number}", f"n{number - 1}", role, str(number)))
    job = bring(ada, [talk(*nodes)])
    assert (job["status"], job["messages"]) == ("complete", 3000)


def test_answers_that_fork_for_ever_are_too_large_not_for_ever(ada: Person) -> None:
    """Joined, a chain of answers would repeat its beginning at each fork."""
    nodes, parent = [node("q", None, "user", "Go")], "q"
    for number in range(600):
        nodes.append(node(f"a{number}", parent, "assistant", "x" * 2_000))
        nodes.append(node(f"f{number}", parent, "assistant", "fork"))
        parent = f"a{number}"
    job = bring(ada, [talk(*nodes), plain()])
    assert (job["imported"], left(job)) == (1, {"conversations_too_large": 1})


def test_a_path_that_leads_elsewhere_is_only_a_name(ada: Person) -> None:
    job = bring(ada, zipped({
        "../../../../tmp/evil/conversations.json": [plain()],
        "/etc/file-Evil00000000.png": b"x",
    }))  # fmt: skip
    assert job["imported"] == 1


def test_a_bomb_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "RATIO_FROM_BYTES", 1000)
    bomb = zipped(
        {"conversations.json": b"[" + b" " * 1_000_000 + b"]", "file-Bomb000000.png": bytes(10**6)}
    )
    opened = Archive(io.BytesIO(bomb))
    with pytest.raises(TooLarge):
        opened.parts()
    assert opened.asset("file-Bomb000000", 10**7) is None


def test_a_list_of_too_many_files_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    many = zipped({f"{number}.txt": b"" for number in range(200)})
    monkeypatch.setattr(zipfile, "ZipInfo", None)  # nobody gets as far as that
    for limit, most in (("LIST_BYTES", 5_000), ("MOST_ENTRIES", 199)):
        with monkeypatch.context() as patch:
            patch.setattr(archive, limit, most)
            with pytest.raises(TooLarge):
                Archive(io.BytesIO(many))


def _two_lists(entries: int) -> bytes:
    """A 64-bit end that is pointed at, with one entry, and one before that pointer, with more: Python up to
    3.13 believes the second."""

    def end_64(count: int, size: int, at: int) -> bytes:
        return struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, at)

    entry = b"PK\x01\x02" + struct.pack("<4B4HL2L5H2L", 20, 0, 20, *[0] * 15)
    shown = end_64(1, len(entry), 0)
    believed = end_64(entries, entries * len(entry), len(shown))
    pointer = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), 0, 0)
    return shown + entry * entries + believed + pointer + end


def test_a_list_that_lies_about_its_size_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LIST_BYTES", 5_000)
    monkeypatch.setattr(zipfile, "ZipInfo", None)
    with pytest.raises((TooLarge, Invalid)):  # as a newer Python may say
        Archive(io.BytesIO(_two_lists(1_000)))


def test_a_small_file_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_READ", 2)
    opened = Archive(io.BytesIO(zipped({"conversations.json": [], "file-Small00000.txt": b"x"})))
    assert [opened.asset("file-Small00000", 9) for _ in range(3)] == [b"x", b"x", None]


@pytest.mark.parametrize("at", [0, 8, 40])
def test_a_64_bit_end_that_points_nowhere_is_refused(at: int) -> None:
    end = b"PK\x06\x06" + bytes(at) + b"PK\x06\x07" + struct.pack("<LQL", 0, 2**60, 1)
    with pytest.raises(Invalid):
        Archive(io.BytesIO(end + b"PK\x05\x06" + bytes(18))).parts()


def test_a_picture_that_is_none_is_counted(ada: Person) -> None:
    part = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-Abc000000"}
    question = node(
        "q", None, "user", content={"content_type": "multimodal_text", "parts": [part, "?"]}
    )
    job = bring(
        ada, zipped({"conversations.json": [talk(question)], "file-Abc000000.png": b"<svg/>"})
    )
    assert (job["imported"], left(job)) == (1, {"pictures_unreadable": 1})


def test_one_import_at_a_time_and_one_whose_process_is_gone_is_over(
    ada: Person, ground: Ground
) -> None:
    def put(beat: bool) -> str:
        boot = Boot.objects.create(host="elsewhere", pid=1)
        if not beat:
            Boot.objects.filter(pk=boot.pk).update(beat_at="2020-01-01T00:00:00Z")
        ImportJob.objects.filter(owner=ada.user, status="running").update(boot=boot.pk)
        return str(boot.pk)

    job = ImportJob(owner=ada.user, status="running", boot=NOBODY, file_bytes=1)
    ground.run(job.save)
    ground.run(lambda: put(beat=True))
    files = {"file": ("conversations.json", b"[]")}
    assert ada.api("POST", "imports", files=files, expect=409)["error"]["code"] == "conflict"
    ground.run(lambda: put(beat=False))
    told = ada.api("GET", f"imports/{job.pk}")
    assert told["status"] == "interrupted" and not told["live"] and "again" in told["error"]
    assert bring(ada, [plain()])["imported"] == 1


def test_an_import_is_stopped_and_says_what_came_in(
    ada: Person, cleo: Person, ground: Ground
) -> None:
    many = json.dumps([plain(f"c{number}") for number in range(MANY)]).encode()
    files = {"file": ("conversations.json", many)}
    job = ada.api("POST", "imports", files=files, expect=201)
    mine = Conversation.objects.filter(owner=ada.user)
    while not ground.run(mine.count):
        time.sleep(0.01)
    told = ada.api("POST", f"imports/{job['id']}/stop")
    assert told["status"] == "stopped" and not told["live"] and told["finished_at"]
    second = bring(ada, [plain("later")])  # it begins when the first has let go
    first = ada.api("GET", f"imports/{job['id']}")
    assert first["status"] == "stopped" and 0 < first["imported"] < MANY
    assert 0 < first["progress"] < second["progress"] == 1
    assert ground.run(mine.count) == first["imported"] + 1
    assert ada.api("POST", f"imports/{second['id']}/stop")["status"] == "complete"
    cleo.api("POST", f"imports/{job['id']}/stop", expect=404)


def test_who_is_deactivated_takes_nothing_in_any_more(
    ada: Person, ben: Person, ground: Ground
) -> None:
    many = json.dumps([plain(f"c{number}") for number in range(MANY)]).encode()
    ada.api("POST", "imports", files={"file": ("conversations.json", many)}, expect=201)
    mine = Conversation.objects.filter(owner=ada.user)
    while not ground.run(mine.count):
        time.sleep(0.01)
    assert ada.user is not None
    ada.user.is_active = False
    ground.save(ada.user)
    assert bring(ben, [plain()])["imported"] == 1  # it begins when the first has let go
    assert ground.row(ImportJob, owner=ada.user).status == "stopped"
    assert 0 < ground.run(mine.count) < MANY


def test_a_body_without_a_file_is_refused(ada: Person) -> None:
    ada.api("POST", "imports", json={}, expect=400)
    ada.api("POST", "imports", files={"other": ("a", b"b")}, expect=400)


def test_two_files_in_one_call_are_refused_and_none_is_dropped_in_silence(ada: Person) -> None:
    two = [("file", ("one.json", b"[]")), ("file", ("two.json", b"[]"))]
    error = ada.api("POST", "imports", files=two, expect=400)["error"]
    assert (error["code"], list(error["fields"])) == ("invalid", ["file"])
    assert ada.api("GET", "imports")["items"] == []
