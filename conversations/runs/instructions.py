"""What the model reads before all that was said: the site, the person, the conversation, its day."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from conversations import site
from conversations.models import Conversation, User
from conversations.models.preferences import Preferences
from conversations.provider.interface import Model

TODAY = "Today is {day:%A}, {day.day} {day:%B %Y} ({zone})."
LATER = "[" + TODAY + "]"


def instructions_for(user: User, conversation: Conversation, model: Model) -> str:
    """The parts that there are. What changes least comes first, because providers charge less for a
    beginning that they have read before: all of a site's conversations begin alike, then all of a
    person's. The day is the one on which the conversation began, and what is asked on another says so
    itself (`days_of`): with the day of now, everything below would be new after each midnight.

    `user` was read just now, together with their preferences: a question has no round trip to spare.
    """
    person = _preferences(user)
    parts = (
        site.as_last_known().system_prompt,
        person.system_prompt,
        conversation.system_prompt,
        _today(person, conversation, model),
    )
    return "\n\n".join(part for part in parts if part.strip())


def days_of(user: User, conversation: Conversation, model: Model) -> Callable[[datetime], str]:
    """What says the day of a question, if it is another than the instructions say."""
    person = _preferences(user)
    zone = _zone(person, model)
    if zone is None:
        return lambda asked: ""
    first = _day(conversation.created_at, zone)

    def said(asked: datetime) -> str:
        day = _day(asked, zone)
        return "" if day == first else LATER.format(day=day, zone=person.time_zone)

    return said


def _preferences(user: User) -> Preferences:
    return getattr(user, "preferences", None) or Preferences(user=user)


def _today(person: Preferences, conversation: Conversation, model: Model) -> str:
    zone = _zone(person, model)
    if zone is None:
        return ""
    return TODAY.format(day=_day(conversation.created_at, zone), zone=person.time_zone)


def _zone(person: Preferences, model: Model) -> ZoneInfo | None:
    """The built-in model is so small that it talks of the day and of nothing else: it is not told."""
    return None if model.builtin else person.zone


def _day(moment: datetime, zone: ZoneInfo) -> date:
    """The day where the person is; not the time, with which no two questions would begin alike."""
    return moment.astimezone(zone).date()
