"""The API described, for programs and for people: calls like the others, behind the same door."""

import json

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.openapi.docs import Swagger

from conversations.api.answers import said
from conversations.api.shapes import Refused

REFERENCE = "#/components/schemas/{model}"


def described(api: NinjaAPI) -> Router:
    """The two addresses; ninja's own would answer anybody, and any method."""
    router = Router()

    @router.get("/openapi.json", url_name="openapi-json", include_in_schema=False)
    def openapi(request: HttpRequest) -> HttpResponse:
        return said(schema(api))

    @router.get("/docs", url_name="openapi-view", include_in_schema=False)
    def docs(request: HttpRequest) -> HttpResponse:
        return Swagger().render_page(request, api)

    return router


def schema(api: NinjaAPI) -> dict[str, object]:
    """ninja's description, with the one form of every error added to each call."""
    found = api.get_openapi_schema()
    described = Refused.model_json_schema(ref_template=REFERENCE)
    found["components"]["schemas"].update(described.pop("$defs"), Refused=described)
    content = {"application/json": {"schema": {"$ref": REFERENCE.format(model="Refused")}}}
    for path in found["paths"].values():
        for call in path.values():
            call["responses"]["default"] = {"description": "Refused", "content": content}
    # ninja names the statuses by numbers.
    return dict(json.loads(json.dumps(found)))
