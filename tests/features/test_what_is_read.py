"""For random conversations: what is sent never exceeds the window, keeps what has to stay, and goes in turn.

Through Postgres and the real tokenizer, with everything that a conversation may have: answers that failed,
pictures, files, other branches, summaries, beginnings from elsewhere. READ=1000 tries so many.
"""

import asyncio
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from conversations.attachments.accept import accept
from conversations.errors import ContextTooLong
from conversations.models import (
    Conversation,
    Image,
    LanguageModel,
    Message,
    MessageFile,
    MessageImage,
    Provider,
    Run,
    Summary,
    TextFile,
    User,
)
from conversations.models.conversation import Role, Status
from conversations.provider import catalogue
from conversations.provider.interface import Model, Request
from conversations.provider.tokens.counting import count
from conversations.provider.tokens.pictures import tokens_for
from conversations.reading import summaries
from conversations.runs import prompt
from conversations.runs.fitting import reserved, room
from conversations.runs.start import ticket_of
from tests.features.images_kit import upload
from tests.harness.pictures import png

pytestmark = pytest.mark.django_db

MANY = int(os.environ.get("READ", "12"))
WINDOWS = (512, 1_000, 2_000, 4_000)
WORDS = [
    "Reiher",
    "stehen",
    "今天",
    "still,",
    "and",
    "wait;",
    "```",
    "🙂",
    "नमस्ते",
    "for",
    "hours\n",
]
MARK = re.compile(r"«(\d+)»")
PICTURE = (40, 30)
MOST = 10_000
# Marks around a file, what stands for a picture, and what says that it is to go on.
ROUGHLY = 60


@pytest.fixture(autouse=True)
def _catalogue() -> Iterator[None]:
    catalogue.forget()
    yield
    catalogue.forget()


@dataclass
class Talk:
    """A branch, of which `summarised` messages have a summary, and who is asked about it."""

    conversation: Conversation
    told: list[Message]
    answer: Message
    run: Run
    summarised: int = 0


class Maker:
    """Of conversations as they may come."""

    def __init__(self, seed: int, owner: User, image: Image) -> None:
        self.dice, self.name = random.Random(seed), f"model-{seed}"
        self.owner, self.image = owner, image

    def talk(self) -> Talk:
        dice = self.dice
        window = dice.choice(WINDOWS)
        conversation = Conversation.objects.create(
            owner=self.owner, model=self.model(window), system_prompt=self.system_prompt(window)
        )
        told = self.messages(conversation, window)
        answer = Message(
            conversation=conversation, parent=told[-1], role=Role.ASSISTANT,
            status=Status.RUNNING, text=self.words(window // 8) if dice.random() < 0.2 else "",
        )  # fmt: skip
        Message.objects.bulk_create([*told, answer])
        for message in told:
            self.attach(message, window)
        run = Run.objects.create(
            conversation=conversation, message=answer, user=self.owner, status=Status.RUNNING,
            model=conversation.model, text_before=len(answer.text), started_at=answer.created_at,
        )  # fmt: skip
        talk = Talk(conversation, told, answer, run)
        if dice.random() < 0.5:
            self.sum_up(talk)
        return talk

    def model(self, window: int) -> str:
        provider = Provider.objects.create(
            name=self.name, kind="compatible", base_url="http://n.invalid/v1"
        )
        row = LanguageModel.objects.create(
            slug=self.name, provider=provider, context_window=window,
            max_output_tokens=window // 4, tokenizer=self.dice.choice(["o200k_base", ""]),
            abilities=self.dice.choice([[], ["vision"]]),
        )  # fmt: skip
        catalogue.forget()
        return row.slug

    def words(self, most: int) -> str:
        return " ".join(self.dice.choices(WORDS, k=self.dice.randint(1, max(1, most // 2))))

    def system_prompt(self, window: int) -> str:
        return self.dice.choice(["", "Be kind.", "Be kind. " + self.words(window)])

    def messages(self, conversation: Conversation, window: int) -> list[Message]:
        dice, told = self.dice, list[Message]()
        longest = dice.choice([10, window // 6, window])
        begins = dice.choice([0, 0, 0, 1])
        for place in range(begins, begins + dice.randint(0, 60)):
            role = Role.ASSISTANT if place % 2 else Role.USER
            failed = role == Role.ASSISTANT and dice.random() < 0.15
            text = "" if failed else f"«{len(told)}» {self.words(longest)}"
            above = told[-1] if told else None
            told.append(Message(conversation=conversation, parent=above, role=role, text=text))
        if not told or told[-1].role == Role.ASSISTANT:
            text = f"«{len(told)}» {self.words(window)}"
            above = told[-1] if told else None
            told.append(Message(conversation=conversation, parent=above, role="user", text=text))
        return told

    def attach(self, message: Message, window: int) -> None:
        lot = self.dice.random()
        if lot < 0.05:
            MessageImage.objects.create(message=message, image=self.image, position=0)
        elif lot < 0.1 and message.role == Role.USER:
            text = self.words(window // 4)
            size = len(text.encode())
            file = TextFile.objects.create(
                owner=self.owner, name="n.txt", text=text, bytes=size, sha256=f"{message.pk.int:064x}"[-64:]
            )  # fmt: skip
            MessageFile.objects.create(message=message, file=file, position=0)

    def sum_up(self, talk: Talk) -> None:
        """At one of the places where a summary may end; and one on another branch."""
        roles = [message.role for message in talk.told]
        places = [
            place for place, (role, after) in enumerate(pairwise(roles))
            if (role, after) == (Role.ASSISTANT, Role.USER)
        ]  # fmt: skip
        if not places:
            return
        talk.summarised = self.dice.choice(places) + 1
        until = talk.told[talk.summarised - 1]
        beside = Message.objects.create(
            conversation=talk.conversation, parent=until.parent, role=Role.ASSISTANT, text="beside"
        )
        for place in (until, beside):
            Summary.objects.create(
                conversation=talk.conversation, until=place, digest=summaries.digest(place.pk),
                messages=talk.summarised, text="About: " + self.words(200), model="s",
            )  # fmt: skip


def tokens_of(request: Request) -> int:
    model, all_of_it = request.model, 3
    for message in request.messages:
        parts = message["content"]
        parts = [{"type": "text", "text": parts}] if isinstance(parts, str) else parts
        texts = [part["text"] for part in parts if part["type"] == "text"]
        details = [part["image_url"]["detail"] for part in parts if part["type"] == "image_url"]
        assert model.vision or not details
        all_of_it += 4 + sum(count(texts, model.tokenizer))
        all_of_it += sum(tokens_for(model, *PICTURE, one) for one in details)
    return all_of_it


def words_of(message: dict[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] == "text")


def read(talk: Talk) -> Request | ContextTooLong:
    try:
        return asyncio.run(
            prompt.request_for(ticket_of(talk.run, prompt.script_of(ticket_of(talk.run))))
        )
    except ContextTooLong as problem:
        return problem


def test_what_is_read_fits_keeps_what_must_stay_and_goes_in_turn() -> None:
    owner = User.objects.create(username="ada")
    [image] = accept(owner, [upload(png(*PICTURE))])
    image.blob.ocr_text = "A heron."
    image.blob.save()
    for seed in range(10, 10 + MANY):
        try:
            _check(Maker(seed, owner, image).talk())
        except AssertionError as wrong:
            wrong.add_note(f"seed {seed}")
            raise


def _check(talk: Talk) -> None:
    request = read(talk)
    model = catalogue.model_named(talk.conversation.model)
    assert model
    if isinstance(request, ContextTooLong):
        [over] = [int(word.replace(",", "")) for word in str(request).split() if word[0].isdigit()]
        assert abs(_least(talk, model) - room(model, reserved(model, MOST)) - over) < ROUGHLY
        return
    assert tokens_of(request) <= model.context_window - request.parameters["max_output_tokens"]
    roles = [message["role"] for message in request.messages]
    has_system = roles[0] == "system"
    assert has_system == bool(talk.conversation.system_prompt) and "system" not in roles[1:]
    assert roles[has_system:][::2] == ["user"] * len(roles[has_system:][::2])
    assert all(before != after for before, after in pairwise(roles))
    if has_system:
        assert request.messages[0]["content"].startswith(talk.conversation.system_prompt.strip())
    _is_the_end_of_the_branch(talk, request)


def _least(talk: Talk, model: Model) -> int:
    """What has to be read: instructions, the newest question, what is to be gone on with."""
    must = [talk.conversation.system_prompt, talk.told[-1].text, talk.answer.text]
    files = MessageFile.objects.filter(message=talk.told[-1])
    texts = [text for text in [*must, *(use.file.text for use in files)] if text]
    # Those of an answer are shown with the question after it.
    shown = MessageImage.objects.filter(message__in=talk.told[-2:]).count() if model.vision else 0
    pictures = shown * tokens_for(model, *PICTURE, "auto")
    return sum(count(texts, model.tokenizer)) + 4 * len(texts) + pictures


def _is_the_end_of_the_branch(talk: Talk, request: Request) -> None:
    """Everything from some message on is read, each once; what is above it is summarised or left out."""
    said = "\n".join(words_of(message) for message in request.messages)
    marks = [int(mark) for mark in MARK.findall(said)]
    told = [place for place, message in enumerate(talk.told) if message.text]
    assert marks == told[len(told) - len(marks) :] and marks[-1] == len(talk.told) - 1
    if talk.answer.text:
        assert words_of(request.messages[-1]) == prompt.GO_ON
        assert words_of(request.messages[-2]) == talk.answer.text
    is_read = "[End of the summary.]" in said
    above = [place for place in told if place < marks[0]]
    unread = [place for place in above if place >= talk.summarised or not is_read]
    assert len(unread) <= request.left_out <= len([*range(marks[0])])
    assert bool(unread) == bool(request.left_out)
