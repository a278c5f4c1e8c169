"""What a call took, where its provider did not say: counted by us, and marked as an estimate.

It is counted beside (provider/tokens). Nobody waits long for that: where it takes longer, the bytes of the
texts are the measure, and the call is on the ledger all the same.
"""

import asyncio
from collections.abc import Sequence

from conversations.errors import ProviderTimeout
from conversations.provider.interface import Request, Usage
from conversations.provider.tokens import counting
from conversations.runs.fitting import AROUND_ALL, AROUND_MESSAGE, texts_of
from conversations.tasks import keep
from conversations.usage.ledger import Call

# The process that counts may have to be started first …
PATIENCE_SECONDS = 2.0
# … for which nobody waits who has said stop. One that is there needs a millisecond or two.
HURRY_SECONDS = 0.010
# Ends of a call of which nothing had come: once it has gone out nobody knows what was done with it. Providers
# charge for what they have read, and who stops each question at once should not ask for nothing.
ASKED = ("cancelled", ProviderTimeout.code)
NOTHING = Usage(input=0, cached_input=0, output=0, reasoning=0, images=0)


def begin(request: Request) -> None:
    """A call is about to be made. Of a server that will not say what it takes, its question is counted
    meanwhile. Returns at once."""
    if not request.model.counts:
        keep(asyncio.to_thread(counting.count, _asked(request), request.model.tokenizer))


async def fill(calls: Sequence[Call], *, in_a_hurry: bool = False) -> None:
    """Say of each call what it took, unless its provider did. Raises nothing."""
    for call in calls:
        if call.usage is None and not may_have_taken(call):
            call.counted = NOTHING
        elif call.usage is None and call.request is not None:
            call.counted = await _estimate(call, call.request, in_a_hurry=in_a_hurry)
            call.estimated = True


def may_have_taken(call: Call) -> bool:
    if call.report.began:
        return True
    return call.outcome in ASKED and call.report.sent and not call.report.refused


async def _estimate(call: Call, request: Request, *, in_a_hurry: bool) -> Usage:
    asked = _asked(request)
    text = "".join(piece.text for piece in call.heard)
    reasoning = "".join(piece.reasoning for piece in call.heard)
    texts = [text, reasoning, *asked]
    seconds = HURRY_SECONDS if in_a_hurry else PATIENCE_SECONDS
    said, thought, *read = await _counted(texts, request.model.tokenizer, seconds)
    around = AROUND_ALL + AROUND_MESSAGE * len(request.messages)
    pictures = request.picture_tokens
    asking = sum(read) + around + pictures
    # Ours is another count than its own: never more than it can be, which is what was reserved.
    most = request.parameters.get("max_output_tokens") or request.model.max_output_tokens
    said = min(said + thought, most)
    return Usage(
        input=min(asking, request.at_most or asking),
        cached_input=0,
        output=said,
        reasoning=min(thought, said),
        images=min(pictures, request.at_most or pictures),
    )


def _asked(request: Request) -> list[str]:
    return [text for message in request.messages for text in texts_of(message)]


async def _counted(texts: list[str], tokenizer: str, seconds: float) -> list[int]:
    """By the tokenizer. It goes on counting when we wait no longer, and knows the texts the next time."""
    counting_them = keep(asyncio.to_thread(counting.count, texts, tokenizer))
    await asyncio.wait([counting_them], timeout=seconds)
    is_counted = counting_them.done() and not counting_them.exception()
    counts: list[int] = counting_them.result() if is_counted else counting.roughly(texts)
    return counts
