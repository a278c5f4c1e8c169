"""What of a conversation is to be summarised, and in how many pieces."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from uuid import UUID

from conversations.models import Conversation, Run, Summary
from conversations.models.conversation import Role
from conversations.provider import catalogue
from conversations.provider.catalogue import model_for_small_things
from conversations.provider.interface import Model
from conversations.provider.tokens.counting import count
from conversations.reading import summaries
from conversations.reading.lengths import Length, Said, lengths, texts
from conversations.runs import enclosed, fitting
from conversations.runs.fitting import Count
from conversations.runs.prompt import parameters
from conversations.runs.prompts import Prompt
from conversations.usage import limits

# Of the room: the newest turns stay as they are, as far as they take no more than this.
KEPT = 0.25
# Of the room: for less than this nobody is asked, unless there is no other way.
WORTH_IT = 0.125
# One after the other. What is more has to wait for the next answer.
PIECES = 8
# Around what is summed up: our instructions, and a long earlier summary.
BESIDE_TOKENS = 1_400
FIRST = "(There is none: this is the beginning.)"
CUT = "\n[…]\n"
# Nobody closes what is around their words, or opens what others have said.
MARKS = re.compile(r"<(?=/?(person|assistant|conversation|earlier_summary)\b)", re.IGNORECASE)
SAID = "<{who}>\n{text}\n</{who}>"
WHO = {Role.USER: "person", Role.ASSISTANT: "assistant"}


@dataclass(frozen=True, slots=True)
class Past:
    """A branch, and the summary of its beginning that there is: of `done` messages, empty for none.
    `said` are the words of the messages after them; only those were read."""

    measured: list[Length]
    done: int
    earlier: str
    said: list[str]
    model: Model
    small: Model
    space: int
    needed: bool

    def length(self, piece: "Piece") -> int:
        """Characters that a summary up to the end of `piece` stands for, the earlier one as it is."""
        return len(self.earlier) + sum(map(len, self.said[: piece.end - self.done]))


@dataclass(frozen=True, slots=True)
class Piece:
    """What is read at once. It ends before the message of the branch with the number `end`."""

    told: str
    end: int


def past_of(id: UUID, *, needed: bool) -> Past | None:
    """Of the branch that a run is at the end of; None where nobody is to sum it up. `needed`: its
    answer has not begun, and something does not fit. Raises ModelUnavailable."""
    run = Run.objects.select_related("conversation", "message", "user").filter(pk=id).first()
    if run is None:
        return None
    model = catalogue.model_for(run.user, run.model)
    small = model_for_small_things(model)
    leaf = run.message.parent_id if needed else run.message_id
    if small is None or leaf is None or not limits.has_room(run.user_id):
        return None
    conversation = run.conversation
    measured = lengths(conversation, leaf)
    earlier = summaries.standing(conversation, measured)
    if earlier is None and not needed and _was_undone(conversation, measured):
        return None
    done = earlier.messages if earlier else 0
    asked = parameters(model, {**conversation.options, **run.options})
    return Past(
        measured=measured,
        done=done,
        earlier=earlier.text if earlier else "",
        said=_words(texts(measured[done:])),
        model=model,
        small=small,
        space=fitting.room(model, asked["max_output_tokens"]),
        needed=needed,
    )


def _was_undone(conversation: Conversation, measured: Sequence[Length]) -> bool:
    """Somebody wants these messages to be read: it is not summarised again before it has to be."""
    undone = Summary.objects.filter(conversation=conversation, undone_at__isnull=False)
    places = {str(until) for until in undone.values_list("until_id", flat=True)}
    return any(one.id in places for one in measured)


def _words(told: Sequence[Said]) -> list[str]:
    """With the files, and with the words that were read in pictures."""
    files = enclosed.texts_of(told)
    return [_words_of(said, files) for said in told]


def _words_of(said: Said, files: enclosed.Texts) -> str:
    seen = [blob.ocr_text or "" for blob in said.pictures]
    words = [text for text in seen if text.strip()]
    told = "\n\n".join([*words, enclosed.with_files(said, files)]).strip()
    return MARKS.sub("‹", told)


def pieces_of(past: Past, prompt: Prompt, is_known: bool, count: Count = count) -> list[Piece]:
    """None, where it is not worth it. `is_known`: the provider said that it is a lot. Blocks while tokens
    are counted."""
    sizes = count(past.said, past.model.tokenizer)
    if not is_known and sum(sizes) <= past.space * fitting.CROWDED:
        return []
    roles = [one.role for one in past.measured[past.done :]]
    cuts = [place for place in range(1, len(roles)) if _may_end_before(roles, place)]
    cut = _kept_from(cuts, sizes, past.space * KEPT)
    if not past.needed and sum(sizes[:cut]) < past.space * WORTH_IT:
        return []
    if past.small.tokenizer != past.model.tokenizer:
        sizes = count(past.said[:cut], past.small.tokenizer)
    ends = [place for place in cuts if place <= cut]
    at_once = fitting.room(past.small, prompt.max_output_tokens) - BESIDE_TOKENS
    return list(_packed(past, list(pairwise([0, *ends])), sizes, max(0, at_once)))[:PIECES]


def _may_end_before(roles: Sequence[str], place: int) -> bool:
    """A summary ends with an answer, and a question follows: what is read stays question and answer."""
    return roles[place] == Role.USER and roles[place - 1] == Role.ASSISTANT


def _kept_from(cuts: Sequence[int], sizes: Sequence[int], most: float) -> int:
    """The first of `cuts` after which there are at most so many tokens; in doubt the last one."""
    above = [0, *accumulate(sizes)]
    few = (place for place in cuts if above[-1] - above[place] <= most)
    return next(few, cuts[-1] if cuts else 0)


def _packed(
    past: Past, turns: Sequence[tuple[int, int]], sizes: Sequence[int], at_once: int
) -> Iterator[Piece]:
    """As many turns as can be read at once make a piece; what is too long by itself is cut in its middle."""
    texts: list[str] = []
    held = end = 0
    for begin, until in turns:
        most = at_once // (until - begin)
        size = sum(min(size, most) for size in sizes[begin:until])
        if texts and held + size > at_once:
            yield Piece("\n\n".join(texts), past.done + end)
            texts, held = [], 0
        for place in range(begin, until):
            who = WHO[Role(past.measured[past.done + place].role)]
            texts.append(SAID.format(who=who, text=shortened(past.said[place], sizes[place], most)))
        held, end = held + size, until
    if texts and at_once:
        yield Piece("\n\n".join(texts), past.done + end)


def shortened(text: str, tokens: int, most: int) -> str:
    """At most about `most` of its `tokens`: its beginning, and less of its end."""
    if tokens <= most:
        return text
    characters = len(text) * most // tokens
    head, tail = characters * 2 // 3, characters // 4
    return text[:head] + CUT + text[len(text) - tail :]
