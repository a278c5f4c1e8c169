"""A corner of the web on this machine, whose servers say word for word what they are told to say."""

import socketserver
import ssl
import threading
from collections.abc import Iterable, Mapping
from typing import Self


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> list[bytes]:
    """As a decent server puts it; `headers` with _ for -."""
    said = {"Content-Length": str(len(body)), "Connection": "close"}
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return [f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1"), body]


def leads_to(where: str, status: int = 302) -> list[bytes]:
    return answer(status=f"{status} Over There", Location=where)


class Web(socketserver.ThreadingTCPServer):
    """`pages`: the pieces that are sent for a path. `asked` are the heads of the requests."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Caller)
        self.tls = tls
        self.pages: dict[str, Iterable[bytes]] = {}
        self.asked: list[bytes] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self.port}"

    def gives(self, pages: Mapping[str, Iterable[bytes]]) -> Self:
        self.pages.update(pages)
        return self

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Who leaves in the middle is what many of the tests are about."""


class _Caller(socketserver.StreamRequestHandler):
    server: Web

    def setup(self) -> None:
        if self.server.tls:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        head = b""
        while (line := self.rfile.readline()).strip():
            head += line
        if not head:
            return
        self.server.asked.append(head)
        path = head.split(b" ", 2)[1].decode()
        for piece in self.server.pages.get(path, answer(status="404 Not Found")):
            self.wfile.write(piece)
            self.wfile.flush()
