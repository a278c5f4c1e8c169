"""How much a change of the page costs: of how many elements the browser finds the styles anew."""

from typing import Any

from playwright.sync_api import CDPSession, Page

WHAT = {"includedCategories": ["devtools.timeline"], "excludedCategories": ["*"]}


def styles_found(page: Page, change: str) -> int:
    """Counted by the browser itself: the same on every machine, however busy."""
    assert page.context.browser
    line = page.context.browser.new_browser_cdp_session()
    told: list[dict[str, Any]] = []
    line.on("Tracing.dataCollected", lambda part: told.extend(part["value"]))
    line.send("Tracing.start", {"traceConfig": WHAT, "transferMode": "ReportEvents"})
    page.evaluate(change)
    _ended(page, line)
    passes = [one for one in told if one["name"] == "UpdateLayoutTree" and one["ph"] == "X"]
    return sum(one["args"].get("elementCount", 0) for one in passes)


def _ended(page: Page, line: CDPSession) -> None:
    over: list[bool] = []
    line.on("Tracing.tracingComplete", lambda _: over.append(True))
    line.send("Tracing.end")
    while not over:
        page.wait_for_timeout(20)
    line.detach()
