"""`python -m bench.people COUNT`: makes so many people and prints a session key for each."""

import sys

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from conversations.models import User  # noqa: E402


def session_of(user: User) -> str:
    """As signing in makes it."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        name = f"reader-{number}"
        person = User(username=name, email=f"{name}@example.org", password="!")
        person.save()
        print(session_of(person))
