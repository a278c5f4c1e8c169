"""The desk in a browser: what an administrator comes for, and what axe says of its pages."""

import re

from django.utils import timezone
from playwright.sync_api import expect

from conversations.models import ProviderCall, User
from tests.browser.test_axe import complaints
from tests.browser.window import Window
from tests.harness.database import Ground
from tests.harness.people import Person

TABLES = "/admin/conversations/"
# One of each kind: numbers, a list with filters, forms with fields that choose, a form of a question.
PAGES = [
    "/admin/",
    f"{TABLES}user/",
    f"{TABLES}providercall/",
    f"{TABLES}ratelimit/add/",
    f"{TABLES}hold/add/",
    f"{TABLES}languagemodel/add/",
    f"{TABLES}sitesettings/1/change/",
    f"{TABLES}auditentry/export/",
    "/admin/stop/",
    "/usage/",
]
# What Django's own widgets are made of is not ours to mend.
DJANGOS = ("select2-selection", "search-label-icon", '<th class="original">')
LOOKS = [("light", 360), ("dark", 1280)]


def test_axe_finds_nothing_on_the_desk(lenient: Window, admin_user: Person) -> None:
    lenient.sign_in_as(admin_user)
    found: list[str] = []
    for number, path in enumerate(PAGES):
        scheme, width = LOOKS[number % 2]
        lenient.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        lenient.page.set_viewport_size({"width": width, "height": 800})
        lenient.go(path)
        found += complaints(lenient.page, f"{path} {scheme} {width}")
    found = [line for line in found if not any(name in line for name in DJANGOS)]
    assert not found, "\n".join(found)


def used(person: User) -> None:
    """A call on the ledger, as if they had asked for something dear."""
    ProviderCall.objects.create(
        user=person, provider="openai", model="gpt-4.1-mini", at=timezone.now(), outcome="ok",
        input_tokens=1_200, output_tokens=340, cost_micros=2_500_000,
    )  # fmt: skip


def test_from_a_number_to_a_person_who_is_signed_out(
    window: Window, admin_user: Person, ada: Person, ground: Ground
) -> None:
    owner = ada.user
    assert owner is not None
    ground.run(lambda: used(owner))
    window.sign_in_as(admin_user)
    page = window.page
    window.go("/admin/?range=24h")
    page.get_by_role("link", name=f"The calls of {owner.username}").click()
    expect(page.get_by_role("heading", name="Calls to providers")).to_be_visible()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    page.locator("#result_list tbody th a").click()
    page.get_by_role("link", name="People", exact=True).first.click()
    page.get_by_role("textbox", name="Search").fill(owner.username)
    page.get_by_role("textbox", name="Search").press("Enter")
    page.get_by_role("link", name=owner.username, exact=True).click()
    page.get_by_role("button", name="Sign them out everywhere").click()
    page.get_by_label("Reason").fill("A telephone was lost.")
    page.get_by_role("button", name="Sign them out everywhere").click()
    expect(page.locator(".messagelist")).to_be_visible()
    window.go(f"{TABLES}auditentry/?person={owner.pk}")
    expect(page.locator("#result_list")).to_contain_text("A telephone was lost.")
    window.complained()
    assert ada.http.get("/settings/").status_code == 302


def test_one_sees_what_one_has_used_and_of_which_model(
    adas: Window, ada: Person, ground: Ground
) -> None:
    owner = ada.user
    assert owner is not None
    ground.run(lambda: used(owner))
    page = adas.go("/usage/").page
    row = page.get_by_role("row", name=re.compile("GPT-4.1 mini"))
    expect(row).to_contain_text("$2.50")
    page.get_by_text("As a table").click()
    expect(page.get_by_role("table").first).to_contain_text("1,540")
