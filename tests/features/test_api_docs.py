"""The description of the API: for who is signed in, complete, under our policy."""

import json
import re

from tests.doors.routes import operations
from tests.harness.people import Person

# The description itself is for who writes a program, and not one of its calls.
ABOUT = {"/api/v1/openapi.json", "/api/v1/docs"}


def calls() -> set[tuple[str, str]]:
    """Every call there is, as OpenAPI writes it."""
    known = ((method, route) for method, route in operations() if route not in ABOUT)
    return {(method.lower(), re.sub(r"<(\w+)>", r"{\1}", route)) for method, route in known}


def test_openapi_describes_each_call_with_its_errors(ada: Person) -> None:
    described = ada.api("GET", "openapi.json")
    told = {(method, path) for path, ways in described["paths"].items() for method in ways}
    assert told == calls() and len(told) > 20
    for ways in described["paths"].values():
        for call in ways.values():
            assert call["summary"] and call["security"] == [{"SignedIn": []}]
            assert "Refused" in json.dumps(call["responses"]["default"])
            assert [int(status) for status in call["responses"] if status != "default"]


def test_every_reference_of_openapi_leads_somewhere(ada: Person) -> None:
    described = ada.api("GET", "openapi.json")
    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    wanted = {
        part.split('"')[0] for part in json.dumps(described).split('"$ref": "') if part[0] == "#"
    }
    assert wanted <= known


def test_the_page_of_the_description_loads_nothing_from_elsewhere(ada: Person) -> None:
    page = ada.http.get("/api/v1/docs")
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert "://" not in page.text
    assert "no-store" in page.headers["Cache-Control"]
