"""Who stands at the desk, and whose conversations lie on it."""

import pytest

from conversations.models import User
from tests.features.admin_kit import administrator, person, reviewer


@pytest.fixture
def root(db: None) -> User:
    return administrator()


@pytest.fixture
def rita(db: None) -> User:
    return reviewer()


@pytest.fixture
def owner(db: None) -> User:
    return person()
