"""Daphne, with what STACK-FACTS.md found missing: counted bodies, close frames, an orderly end."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from daphne.server import Server as Daphne
from django.conf import settings
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.logger import ILogObserver, globalLogBeginner
from zope.interface import implementer

from chatsite.bodies import Body, Factory
from chatsite.wire import Socket, websocket_factory
from conversations.events.closing import RESTART
from conversations.runs import process

log = logging.getLogger(__name__)
reactor: Any = _reactor

SERVER_NAME = "chatsite"
# What calls by HTTP get to say how their answer ended, once it is written down.
LAST_WORDS_SECONDS = 2.0
LOOK_SECONDS = 0.02


class Server(Daphne):  # type: ignore[misc]
    """Serves until SIGTERM or SIGINT, then leaves in order; a second signal ends it at once."""

    def __init__(
        self, application: Any, listening: socket.socket, ready: Callable[[], None]
    ) -> None:
        super().__init__(
            application,
            endpoints=["unused: we listen ourselves"],
            signal_handlers=False,
            server_name=SERVER_NAME,
            websocket_timeout=-1,
        )
        self._socket = listening
        self._ready = ready
        self._port: Any = None
        self._leaving: asyncio.Task[None] | None = None

    def run(self) -> None:
        self.connections: dict[Any, dict[str, Any]] = {}
        self.http_factory = Factory(self)
        self.ws_factory = websocket_factory(self, SERVER_NAME)
        globalLogBeginner.beginLoggingTo([_unheard], redirectStandardIO=False, discardBuffer=True)
        reactor.callLater(1, self.application_checker)
        reactor.callLater(2, self.timeout_checker)
        self._port = reactor.adoptStreamPort(
            self._socket.fileno(), self._socket.family, self.http_factory
        )
        loop = reactor._asyncioEventloop
        asyncio.set_event_loop(loop)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told_to_leave)
        reactor.addSystemEventTrigger("before", "shutdown", self.kill_all_applications)
        loop.call_soon(self._begin)
        reactor.run(installSignalHandlers=False)

    def _begin(self) -> None:
        process.ensure_started()
        self._ready()

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] != "http":
            return super().create_application(protocol, {**scope, "chatsite.wire": protocol.wire})
        body = Body(protocol.body)
        instance = self.application(
            scope={**scope, "asgi": {"version": "3.0"}},
            receive=body.get,
            send=partial(self.handle_reply, protocol),
        )
        if protocol not in self.connections:
            instance.close()
            return None
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(instance)
        return body

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Of Daphne's name: it would take as much as it is given. Here a piece waits for the network
        before the next one is made; an export of gigabytes would else stand in memory."""
        if message["type"] != "http.response.body":
            await super().handle_reply(protocol, message)
            return
        flow = protocol.flow_of(bool(message.get("more_body")))
        await super().handle_reply(protocol, message)
        if flow is not None:
            await flow.wait()

    def _told_to_leave(self) -> None:
        if self._leaving is not None:
            os._exit(1)
        self._leaving = asyncio.ensure_future(self._leave())

    async def _leave(self) -> None:
        """The port is free at once for whoever comes next; answers under way may finish."""
        try:
            self._close_doors()
            await process.leave(settings.DRAIN_SECONDS)
            await self._last_words()
        except Exception:
            log.exception("leaving was not orderly")
        finally:
            reactor.stop()

    async def _last_words(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                while self._calls_under_way():  # noqa: ASYNC110 Daphne tells nobody of a call's end
                    await asyncio.sleep(LOOK_SECONDS)

    def _calls_under_way(self) -> bool:
        return any(
            not details["application_instance"].done()
            for protocol, details in self.connections.items()
            if not isinstance(protocol, Socket) and "application_instance" in details
        )

    def kill_all_applications(self) -> Any:
        """Of Daphne's name. A request that is only half here has no application to end."""
        under_way = [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details
        ]
        for application in under_way:
            application.cancel()
        return Deferred.fromFuture(asyncio.gather(*under_way, return_exceptions=True))

    def _close_doors(self) -> None:
        self._port.stopListening()
        self._socket.close()
        for protocol in list(self.connections):
            if isinstance(protocol, Socket) and protocol.state == protocol.STATE_OPEN:
                protocol.serverClose(RESTART)


@implementer(ILogObserver)  # type: ignore[untyped-decorator]
def _unheard(event: Any) -> None:
    """Twisted's own log says nothing that ours does not."""
