"""Django's handler of requests, in one walk: through the middleware to the view and back on one thread.

As it comes, each middleware goes to the thread and back to the event loop twice, and each request begins a
thread of its own, with connections of its own, and waits for its end. The views are all synchronous and so
is WhiteNoise, in the middle of the middleware: nothing gained by it. Measured in decision 0153.
"""

from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponseBase

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

# Threads that nobody needs at the moment. There are as many as there are requests at once: a call that waits
# for an answer holds one, and no other is to wait for that.
MOST_IDLE = 16


class Handler(ASGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self._idle: list[ThreadPoolExecutor] = []

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Of Django's name: what it does for WSGI, which looks at the answer as well."""
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        thread = self._idle.pop() if self._idle else ThreadPoolExecutor(1, "request")
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.handle(scope, receive, send)
        except BaseException:
            # It may be at work for somebody who has left: the next one would wait behind that.
            thread.shutdown(wait=False)
            raise
        self._keep(thread)

    def _keep(self, thread: ThreadPoolExecutor) -> None:
        """The one that was last at work is the next: its connections are warm."""
        if len(self._idle) < MOST_IDLE:
            self._idle.append(thread)
        else:
            thread.shutdown(wait=False)
