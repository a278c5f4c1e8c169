"""The description of the API: for who is signed in, complete, under our policy."""

import json

from tests.harness.people import Person

CALLS = {
    "me": {"get", "patch"},
    "prompts": {"get", "post"},
    "prompts/{prompt}": {"patch", "delete"},
    "models": {"get"},
    "conversations": {"get", "post"},
    "conversations/{conversation}": {"get", "patch", "delete"},
    "conversations/{conversation}/restore": {"post"},
    "conversations/{conversation}/messages": {"get"},
    "folders": {"get", "post"},
    "folders/{folder}": {"patch", "delete"},
    "messages": {"post"},
    "images": {"post"},
    "vision": {"post"},
    "runs/{run}": {"get"},
    "runs/{run}/stop": {"post"},
    "shares": {"get", "post"},
    "shares/{share}": {"get", "patch", "delete"},
    "usage": {"get"},
}


def test_openapi_describes_each_call_with_its_errors(ada: Person) -> None:
    described = ada.api("GET", "openapi.json")
    paths = {
        path.removeprefix("/api/v1/"): set(calls) for path, calls in described["paths"].items()
    }
    assert paths == CALLS
    for calls in described["paths"].values():
        for call in calls.values():
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
