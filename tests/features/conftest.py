"""Who stands at the desk, and whose conversations lie on it."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.fernet import Fernet

from conversations.models import User
from conversations.provider import catalogue
from tests.features.admin_kit import administrator, person, reviewer
from tests.harness.people import People, Person


@pytest.fixture
def root(db: None) -> User:
    return administrator()


@pytest.fixture
def rita(db: None) -> User:
    return reviewer()


@pytest.fixture
def owner(db: None) -> User:
    return person()


@pytest.fixture
def sam(people: People) -> Person:
    """An administrator who has signed in at the server."""
    return people.new("sam", is_staff=True, is_superuser=True)


@pytest.fixture
def catalogue_anew() -> Iterator[None]:
    """Nothing that another test entered is known by heart, nor what this one enters by the next."""
    catalogue.forget()
    yield
    catalogue.forget()


@pytest.fixture
def openai_connected(catalogue_anew: None, settings: Any) -> None:
    settings.OPENAI_API_KEY = "sk-test"


@pytest.fixture
def keys_are_kept(catalogue_anew: None, settings: Any) -> None:
    """The site has a secret that keys are stored with."""
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
