"""What the model reads before all that was said: the site, the person, the conversation, the day."""

from datetime import datetime

from django.conf import settings

from conversations.models import Conversation, User
from conversations.models.preferences import Preferences
from conversations.provider.interface import Model

TODAY = "Today is {day:%A}, {day.day} {day:%B %Y} ({zone})."


def instructions_for(user: User, conversation: Conversation, model: Model) -> str:
    """The parts that there are. What changes least comes first, because providers charge less for a
    beginning that they have read before: all of a site's conversations begin alike, then all of a
    person's, and a new day costs no more than the end of it.

    `user` was read just now, together with their preferences: a question has no round trip to spare.
    """
    person = getattr(user, "preferences", None) or Preferences(user=user)
    parts = (
        settings.SYSTEM_PROMPT,
        person.system_prompt,
        conversation.system_prompt,
        _today(person, model),
    )
    return "\n\n".join(part for part in parts if part.strip())


def _today(person: Preferences, model: Model) -> str:
    """The day where the person is; not the time, with which no two questions would begin alike.

    The built-in model is so small that it talks of the day and of nothing else.
    """
    if person.zone is None or model.builtin:
        return ""
    return TODAY.format(day=datetime.now(person.zone), zone=person.time_zone)
