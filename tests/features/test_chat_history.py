"""What the provider is sent: the whole conversation, pictures where they stood, always a limit."""

from typing import Any

from conversations.models import Conversation, Message, MessageImage
from conversations.models.conversation import Role
from conversations.runs.prompt import OPENING
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.harness.talks import Talks
from tests.stub_provider import Model, Script
from tests.stub_provider.record import parts_of


def test_earlier_turns_are_sent_with_each_question(ada: Person, model: Model) -> None:
    one = model.will_say("I am one.", asked="Who are you?")
    two = model.will_say("Still one.", asked="And now?")
    first = ada.ask(one)
    ada.ask(two, conversation=first.conversation)
    said = [turn for turn in two.request.said() if turn[0] in ("user", "assistant")]
    assert said == [("user", one.question), ("assistant", "I am one."), ("user", two.question)]


def test_the_conversations_system_prompt_comes_first(ada: Person, model: Model) -> None:
    made = ada.api("POST", "conversations", json={"system_prompt": "Answer in rhyme."}, expect=201)
    script = model.will_say("sublime")
    ada.ask(script, conversation=made["id"])
    role, text = script.request.said()[0]
    assert role in ("system", "developer") and "Answer in rhyme." in text


def test_an_output_limit_is_always_sent(ada: Person, model: Model) -> None:
    script = model.will_say("x")
    ada.ask(script)
    parameters = script.request.parameters
    limit = parameters.get("max_completion_tokens") or parameters.get("max_tokens")
    assert isinstance(limit, int) and limit > 0


def test_parameters_go_out_as_they_were_asked_for(ada: Person, model: Model) -> None:
    script = model.will_say("x")
    ada.ask(script, options={"temperature": 0.25, "top_p": 0.5, "max_output_tokens": 77})
    sent = script.request.parameters
    assert (sent["temperature"], sent["top_p"]) == (0.25, 0.5)
    assert (sent.get("max_completion_tokens") or sent.get("max_tokens")) == 77
    assert sent["stream"] is True and sent["stream_options"] == {"include_usage": True}


def pictures_sent(script: Script) -> list[list[str]]:
    """For each message sent, the kinds of its parts."""
    return [[part["type"] for part in parts_of(message)] for message in script.request.messages]


def test_a_picture_is_sent_as_base64_with_its_detail(ada: Person, model: Model) -> None:
    image = ada.upload(png(40, 30))
    script = model.will_say("a rectangle", asked="What is this?")
    asked = ada.ask(script, images=[image["id"]], options={"detail": "low"})
    assert len(script.request.images()) == 1
    part = next(p for m in script.request.messages for p in parts_of(m) if p["type"] == "image_url")
    assert part["image_url"]["detail"] == "low"
    assert part["image_url"]["url"].startswith("data:image/")
    assert asked.ack["user_message"]["images"][0]["id"] == image["id"]


def test_pictures_stay_where_they_stood(ada: Person, model: Model) -> None:
    image = ada.upload(png(40, 30))
    first = ada.ask(model.will_say("a rectangle"), images=[image["id"]])
    script = model.will_say("still one")
    ada.ask(script, conversation=first.conversation)
    kinds = [kinds for kinds in pictures_sent(script) if kinds != ["text"]]
    turns = [role for role, _ in script.request.said() if role != "system"]
    assert len(kinds) == 1 and "image_url" in kinds[0]
    assert turns == ["user", "assistant", "user"]
    assert "image_url" not in pictures_sent(script)[-1]


def test_a_picture_in_an_answer_goes_with_the_next_question(
    ada: Person, ground: Ground, model: Model
) -> None:
    """Imported conversations have such answers. Providers take pictures from people only."""
    image = ada.upload(png(40, 30))["id"]
    talk = Talks(ada).talk("Draw a heron.", "", "Bluer.", "As blue as can be.")
    drawn = ground.rows(Message, conversation=talk.pk)[1]
    place = {"message_id": drawn.pk, "image_id": image, "position": 0}
    ground.run(lambda: MessageImage.objects.create(**place))
    script = model.will_say("A heron, in blue.")
    assert ada.ask(script, conversation=str(talk.pk)).status == "complete"
    said = [m for m in script.request.messages if m["role"] != "system"]
    assert [m["role"] for m in said] == ["user", "assistant", "user", "assistant", "user"]
    kinds = [[part["type"] for part in parts_of(m)] for m in said]
    assert kinds == [["text"], ["text"], ["text", "image_url"], ["text"], ["text"]]
    assert "picture" in parts_of(said[1])[0]["text"]


def test_a_broken_answer_does_not_become_an_empty_turn(ada: Person, model: Model) -> None:
    """Providers refuse an assistant message without content, and some refuse two questions in a row."""
    unanswered = model.will_fail(401)
    first = ada.ask(unanswered)
    script = model.will_say("fine now")
    assert ada.ask(script, conversation=first.conversation).status == "complete"
    said = [(role, text) for role, text in script.request.said() if role != "system"]
    assert said == [("user", f"{unanswered.question}\n\n{script.question}")]


def test_a_conversation_from_elsewhere_that_begins_with_an_answer_is_given_a_question(
    ada: Person, model: Model
) -> None:
    talk = Talks(ada).talk("Welcome!", "Thank you.")
    ada.ground.run(lambda: _turned_round(talk))
    script = model.will_say("Yes.")
    ada.ask(script, conversation=str(talk.pk))
    said = [(role, text) for role, text in script.request.said() if role != "system"]
    assert said[:2] == [("user", OPENING), ("assistant", "Welcome!")]
    assert said[2:] == [("user", f"Thank you.\n\n{script.question}")]


def _turned_round(talk: Conversation) -> None:
    other = {Role.USER: Role.ASSISTANT, Role.ASSISTANT: Role.USER}
    for message in talk.messages.all():
        message.role = other[Role(message.role)]
        message.save()


def test_a_picture_of_another_person_is_not_found(ada: Person, ben: Person, model: Model) -> None:
    image = ada.upload(png(41, 31))
    script = model.will_say("x")
    text = script.question
    command: dict[str, Any] = {
        "conversation": None,
        "parent": None,
        "text": text,
        "images": [image["id"]],
        "options": {},
    }
    assert ben.socket().refusal("message.send", **command)["code"] == "not_found"
    assert script.requests == []
