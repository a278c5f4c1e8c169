"""What tests of one server share is as it was before each of them; else they do not depend on their order."""

import secrets

import pytest

from conversations.models import Moderation, Pattern, SavedPrompt, SiteSettings
from tests.harness.database import Ground
from tests.harness.leftovers import Standing
from tests.harness.people import Person
from tests.stub_provider import Model


@pytest.fixture
def standing(server_database: str) -> Standing:
    return Standing(server_database)


def test_what_is_left_to_everybody_is_found(standing: Standing, ground: Ground) -> None:
    row = SavedPrompt(owner=None, name=secrets.token_hex(8), text="Sum it up.")
    ground.save(row)
    try:
        with pytest.raises(AssertionError, match=f"a_file .*\n.*savedprompt .*{row.name}"):
            standing.as_before("a_file")
        standing.as_before("the next one")
    finally:
        ground.run(row.delete)
    with pytest.raises(AssertionError, match="- conversations_savedprompt"):
        standing.as_before("who took it away")


def test_what_is_somebody_s_meets_nobody_else(
    standing: Standing, ada: Person, model: Model
) -> None:
    ada.ask(model.will_say("One."))
    ada.api("POST", "prompts", json={"name": "mine", "text": "Sum it up."}, expect=201)
    standing.as_before("a file")


def test_a_row_that_nobody_has_settled_anything_in_is_none(
    standing: Standing, ground: Ground, admin_user: Person
) -> None:
    for page in ("sitesettings", "moderation"):
        admin_user.http.get(f"/admin/conversations/{page}/1/change/")
    standing.as_before("who looked at their pages")
    assert len(ground.rows(SiteSettings)) == 1
    assert len(ground.rows(Moderation)) == 1
    ground.run(lambda: Moderation.objects.update(threshold=0.6))
    with pytest.raises(AssertionError, match=r"\+ conversations_moderation"):
        standing.as_before("who settled something")
    for table in (SiteSettings, Moderation):
        ground.run(table.objects.all().delete)


def test_a_change_for_everybody_is_news_until_the_server_has_heard_of_it(
    ground: Ground, ada: Person, model: Model
) -> None:
    ada.ask(model.will_say("One."))
    before = ground.is_news
    word = f"zq{secrets.token_hex(5)}"
    row = Pattern(name=word, terms=word, effect="refuse", sentence="Not that.", in_questions=True)
    ground.save(row)
    try:
        assert (before, ground.is_news) == (False, True)
        ada.hear_the_news()
        assert ada.socket().refusal("message.send", conversation=None, text=word)["code"]
    finally:
        ground.run(row.delete)
