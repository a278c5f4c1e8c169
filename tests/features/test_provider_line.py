"""The line before a provider: over all processes, in turn between people, and nobody gone holds it up."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from uuid import UUID

import pytest
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models import Allowance, Boot, Place
from conversations.usage import line
from conversations.usage.line import Asker, Pass, Wait
from conversations.usage.minute import Limits

pytestmark = pytest.mark.django_db

ONE_CALL = Limits(calls=1)


@pytest.fixture(autouse=True)
def nobody_is_gone_because_we_are_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "GONE_SECONDS", 3600)


@pytest.fixture
def boot() -> UUID:
    return Boot.objects.create(host="here", pid=1).pk


@pytest.fixture
def ada() -> UUID:
    return uuid7()


@pytest.fixture
def ben() -> UUID:
    return uuid7()


def asker(boot: UUID, user: UUID | None, limits: Limits, prompt: int = 0) -> Asker:
    return Asker("ours", limits, user, boot, prompt, answer_limit=100, longest_seconds=900)


def let_through(one: Asker) -> Pass:
    leave = line.step_up(one)
    assert isinstance(leave, Pass)
    return leave


def waits(one: Asker) -> float:
    told = line.step_up(one)
    assert isinstance(told, Wait) and told.look > 0
    return told.seconds


def looked_long_ago(one: Asker) -> None:
    past = timezone.now() - timedelta(seconds=line.GONE_SECONDS + 1)
    Place.objects.filter(pk=one.place).update(seen_at=past)


def served(leave: Pass, waiting: Iterable[Asker]) -> Iterator[Asker]:
    """Who is let through, one after the other, whoever happens to look first."""
    left = list(waiting)
    while left:
        line.come_out(leave, used=None)
        looked = {one: line.step_up(one) for one in reversed(left)}
        [(one, leave)] = [(one, to) for one, to in looked.items() if isinstance(to, Pass)]
        left.remove(one)
        yield one


def test_the_third_of_two_a_minute_waits(boot: UUID, ada: UUID) -> None:
    limits = Limits(requests=2)
    for _ in range(2):
        line.come_out(let_through(asker(boot, ada, limits)), used=None)
    assert 0 < waits(asker(boot, ada, limits)) <= 61


def test_processes_share_what_there_is(boot: UUID, ada: UUID, ben: UUID) -> None:
    other = Boot.objects.create(host="there", pid=2).pk
    leave = let_through(asker(boot, ada, ONE_CALL))
    late = asker(other, ben, ONE_CALL)
    assert waits(late)
    line.come_out(leave, used=None)
    let_through(late)


def test_providers_do_not_share(boot: UUID, ada: UUID) -> None:
    let_through(asker(boot, ada, ONE_CALL))
    other = Asker("theirs", ONE_CALL, ada, boot, 0, answer_limit=100, longest_seconds=900)
    let_through(other)


def test_twenty_questions_of_one_hold_up_nobody_else_s_first(
    boot: UUID, ada: UUID, ben: UUID
) -> None:
    leave = let_through(asker(boot, ada, ONE_CALL))
    many = [asker(boot, ada, ONE_CALL) for _ in range(20)]
    few = [asker(boot, ben, ONE_CALL) for _ in range(3)]
    for one in [*many, *few]:
        assert waits(one)
    order = [one.user for one in islice(served(leave, [*many, *few]), 7)]
    assert order == [*[ada, ben] * 3, ada]


def test_nobody_starves_behind_those_who_come_later(boot: UUID, ada: UUID) -> None:
    """A newcomer stands behind who was let through last, not before everybody's second question."""
    leave = let_through(asker(boot, ada, ONE_CALL))
    waiting = [asker(boot, ada, ONE_CALL) for _ in range(3)]
    for one in waiting:
        waits(one)
    mine = set(waiting)
    for _round in range(8):
        waiting.append(asker(boot, uuid7(), ONE_CALL))
        assert waits(waiting[-1])
        line.come_out(leave, used=None)
        [(one, leave)] = [(one, to) for one in waiting if isinstance(to := line.step_up(one), Pass)]
        waiting.remove(one)
        mine.discard(one)
    assert not mine, "Ada still waits"


def test_one_who_waits_is_served_in_order(boot: UUID, ada: UUID) -> None:
    leave = let_through(asker(boot, ada, ONE_CALL))
    waiting = [asker(boot, ada, ONE_CALL) for _ in range(4)]
    for one in waiting:
        waits(one)
    assert list(served(leave, waiting)) == waiting


def test_who_stands_further_back_is_told_of_a_longer_wait(boot: UUID, ada: UUID) -> None:
    limits = Limits(requests=1)
    line.come_out(let_through(asker(boot, ada, limits)), used=None)
    told = [waits(asker(boot, ada, limits)) for _ in range(3)]
    assert told[0] < 62 < told[1] < 123 < told[2]


def test_who_steps_aside_lets_the_next_one_through(boot: UUID, ada: UUID, ben: UUID) -> None:
    leave = let_through(asker(boot, ada, ONE_CALL))
    first, second = asker(boot, ada, ONE_CALL), asker(boot, ben, ONE_CALL)
    waits(first), waits(second)
    line.come_out(leave, used=None)
    assert waits(second)
    line.step_aside(first.place)
    let_through(second)


@pytest.mark.parametrize("how", ["looks no more", "its process died", "its call lasts for ever"])
def test_who_is_gone_holds_nobody_up(boot: UUID, ada: UUID, ben: UUID, how: str) -> None:
    other = Boot.objects.create(host="there", pid=2).pk
    limits = Limits(calls=2)
    let_through(asker(other if how == "its process died" else boot, ada, limits))
    let_through(asker(boot, ben, limits))
    gone = asker(other if how == "its process died" else boot, ada, limits)
    late = asker(boot, ben, limits)
    assert waits(gone) and waits(late)
    if how == "looks no more":
        Place.objects.filter(user=ada, admitted_at__isnull=False).delete()
        assert waits(late)
        looked_long_ago(gone)
    elif how == "its process died":
        Boot.objects.filter(pk=other).delete()
    else:
        line.step_aside(gone.place)
        began = timezone.now() - timedelta(seconds=901)
        Place.objects.filter(user=ada).update(admitted_at=began)
    let_through(late)


def test_tokens_are_guessed_before_and_put_right_after(boot: UUID, ada: UUID) -> None:
    limits = Limits(tokens=1_000)
    leave = let_through(asker(boot, ada, limits, prompt=850))
    assert leave.tokens == 950  # with an answer of at most a hundred
    assert waits(asker(boot, ada, limits, prompt=50)) <= 61
    Place.objects.filter(admitted_at=None).delete()
    line.come_out(leave, used=200, answered=20)
    let_through(asker(boot, ada, limits, prompt=50))


def test_what_answers_take_is_learnt(boot: UUID, ada: UUID) -> None:
    limits = Limits(tokens=1_000_000)
    for _ in range(50):
        line.come_out(let_through(asker(boot, ada, limits)), used=40, answered=40)
    assert let_through(asker(boot, ada, limits)).tokens in range(40, 70)


def test_a_prompt_of_more_than_a_minute_is_let_through_alone(boot: UUID, ada: UUID) -> None:
    limits = Limits(tokens=1_000)
    leave = let_through(asker(boot, ada, limits, prompt=5_000))
    line.come_out(leave, used=5_000)
    assert waits(asker(boot, ada, limits, prompt=1)) > 55


def test_a_provider_that_asked_for_a_pause_gets_it(boot: UUID, ada: UUID) -> None:
    limits = Limits(requests=100)
    leave = let_through(asker(boot, ada, limits))
    line.come_out(leave, used=0, pause=30)
    late = asker(boot, ada, limits)
    assert 25 < waits(late) <= 30
    line.come_out(leave, used=0, pause=3)
    assert waits(late) > 25, "a shorter one does not end it"
    line.come_out(leave, used=0, pause=10_000)
    assert waits(late) <= line.LONGEST_PAUSE_SECONDS
    Allowance.objects.update(paused_until=timezone.now())
    let_through(late)


def test_small_things_are_let_through_where_there_is_room_to_spare(boot: UUID, ada: UUID) -> None:
    limits = Limits(requests=8)
    for _ in range(6):
        assert line.slip_in(asker(boot, None, limits))
    assert line.slip_in(asker(boot, None, limits)) is None
    assert not Place.objects.filter(admitted_at=None).exists()
    let_through(asker(boot, ada, limits))


def test_small_things_leave_a_quarter_of_the_tokens_too(boot: UUID, ada: UUID) -> None:
    limits = Limits(tokens=1_000)
    let_through(asker(boot, ada, limits, prompt=500))  # with its answer 600
    assert line.slip_in(asker(boot, None, limits))  # 100 more
    assert line.slip_in(asker(boot, None, limits)) is None
    let_through(asker(boot, ada, limits))


def test_who_is_gone_is_known_by_the_patience_of_their_own_provider(boot: UUID, ada: UUID) -> None:
    leave = let_through(asker(boot, ada, ONE_CALL))
    began = timezone.now() - timedelta(seconds=60)
    Place.objects.filter(pk=leave.place).update(admitted_at=began)
    hasty = Asker("theirs", ONE_CALL, ada, boot, 0, answer_limit=100, longest_seconds=5)
    let_through(hasty)
    assert waits(asker(boot, ada, ONE_CALL))


def test_small_things_do_not_pass_who_waits(boot: UUID, ada: UUID) -> None:
    leave = let_through(asker(boot, ada, ONE_CALL))
    assert line.slip_in(asker(boot, None, ONE_CALL)) is None
    waits(asker(boot, ada, ONE_CALL))
    line.come_out(leave, used=None)
    assert line.slip_in(asker(boot, None, ONE_CALL)) is None


def test_nothing_is_left_of_calls_that_have_ended(boot: UUID, ada: UUID) -> None:
    line.come_out(let_through(asker(boot, ada, ONE_CALL)), used=None)
    assert not Place.objects.exists()
    assert Allowance.objects.get().spent[0][1:] == [1, 0]
