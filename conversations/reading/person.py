"""What is a person's own as the objects of the API: how they like it, and the prompts they saved."""

from conversations.models import Preferences, SavedPrompt, User
from conversations.reading.objects import Object


def person_object(user: User, preferences: Preferences) -> Object:
    return {
        "id": str(user.pk),
        "name": user.get_username(),
        "email": user.email,
        "preferences": preferences_object(preferences),
    }


def preferences_object(preferences: Preferences) -> Object:
    return {
        "system_prompt": preferences.system_prompt,
        "time_zone": preferences.time_zone,
        "language": preferences.language,
        "model": preferences.model,
    }


def prompt_object(prompt: SavedPrompt) -> Object:
    return {
        "id": str(prompt.pk),
        "name": prompt.name,
        "text": prompt.text,
        "shared": prompt.owner_id is None,
    }
