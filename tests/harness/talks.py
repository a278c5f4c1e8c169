"""Conversations as they would stand there, without asking a model."""

from typing import Any

from conversations.models import Conversation, Message
from conversations.models.conversation import Role
from tests.harness.people import Person


class Talks:
    def __init__(self, person: Person) -> None:
        self.person = person

    def talk(self, *texts: str, title: str = "", **fields: Any) -> Conversation:
        """A conversation of these messages: question, answer, question …"""
        return self.person.ground.run(lambda: self._talk(texts, title, fields))

    def _talk(self, texts: tuple[str, ...], title: str, fields: dict[str, Any]) -> Conversation:
        assert self.person.user
        conversation = Conversation.objects.create(owner=self.person.user, title=title, **fields)
        for turn, text in enumerate(texts):
            answer = {"role": Role.ASSISTANT, "model": "gpt-4o-mini"} if turn % 2 else {}
            conversation.active_message = Message.objects.create(
                conversation=conversation,
                parent=conversation.active_message,
                text=text,
                **{"role": Role.USER, **answer},
            )
        conversation.save()
        return conversation
