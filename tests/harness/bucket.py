"""A server that speaks as much S3 as we ask for, over real HTTP, and takes only what is signed right."""

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape, unescape

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY, SECRET, REGION, NAME = "AKIATEST", "a secret", "eu-test-1", "pictures"


class Bucket(ThreadingHTTPServer):
    """What was put, by its key, and when; `fails` is the status that everybody gets. Who comes while it is
    `silent` waits for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, tuple[bytes, datetime]] = {}
        self.asked: list[str] = []
        self.fails: HTTPStatus | None = None
        self.silent = False
        self.knows_many = True
        self.before_put: Callable[[], None] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running() -> Iterator[Bucket]:
    with Bucket() as bucket:
        thread = threading.Thread(target=bucket.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield bucket
        bucket.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Bucket
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: Any) -> None:
        """Tests say enough."""

    def do_PUT(self) -> None:
        self._answer(lambda key, body: self._put(key, body))

    def do_GET(self) -> None:
        self._answer(lambda key, _body: self._get(key) if key else self._list())

    def do_POST(self) -> None:
        self._answer(self._delete_many)

    def do_HEAD(self) -> None:
        self._answer(lambda key, _body: self._get(key))

    def do_DELETE(self) -> None:
        self._answer(lambda key, _body: self._delete(key))

    def _answer(self, done: Any) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.asked.append(self.command)
        if self.server.silent:
            self.rfile.read(1)  # until who asked has gone
            self.close_connection = True
            return
        _, bucket, *key = unquote(urlsplit(self.path).path).split("/", 2)
        if self.server.fails:
            self._say(self.server.fails, _error("SlowDown"))
        elif bucket != NAME or not self._is_signed(body):
            self._say(HTTPStatus.FORBIDDEN, _error("SignatureDoesNotMatch"))
        else:
            done("".join(key), body)

    def _is_signed(self, body: bytes) -> bool:
        """As botocore itself would sign what came: headers, path, query and the digest of the body."""
        given = self.headers.get("authorization", "")
        parts = dict(part.strip().split("=", 1) for part in given.partition(" ")[2].split(","))
        names = parts.get("SignedHeaders", "").split(";")
        headers = {name: self.headers[name] for name in names}
        request = AWSRequest(self.command, self.server.endpoint + self.path, headers)
        request.context["timestamp"] = self.headers["x-amz-date"]
        auth = S3SigV4Auth(Credentials(KEY, SECRET), "s3", REGION)
        wanted = auth.signature(
            auth.string_to_sign(request, auth.canonical_request(request)), request
        )
        digest = self.headers["x-amz-content-sha256"]
        whole = digest in (hashlib.sha256(body).hexdigest(), "UNSIGNED-PAYLOAD")
        return whole and parts.get("Signature") == wanted

    def _put(self, key: str, body: bytes) -> None:
        if self.server.before_put:
            self.server.before_put()
        self.server.objects[key] = (body, datetime.now(UTC))
        self._say(HTTPStatus.OK)

    def _get(self, key: str) -> None:
        if key not in self.server.objects:
            self._say(HTTPStatus.NOT_FOUND, _error("NoSuchKey"))
            return
        body, when = self.server.objects[key]
        self._say(HTTPStatus.OK, body, **{"Last-Modified": f"{when:%a, %d %b %Y %H:%M:%S} GMT"})

    def _delete(self, key: str) -> None:
        self.server.objects.pop(key, None)
        self._say(HTTPStatus.NO_CONTENT)

    def _delete_many(self, _key: str, body: bytes) -> None:
        if not self.server.knows_many:
            self._say(HTTPStatus.NOT_IMPLEMENTED, _error("NotImplemented"))
            return
        for key in re.findall(r"<Key>([^<]*)</Key>", body.decode()):
            self.server.objects.pop(unescape(key), None)
        self._say(HTTPStatus.OK, b"<DeleteResult></DeleteResult>")

    def _list(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        prefix = asked.get("prefix", [""])[0]
        below = [key.removeprefix(prefix) for key in self.server.objects if key.startswith(prefix)]
        folders = sorted({key.partition("/")[0] for key in below if "/" in key})
        files = "".join(
            f"<Contents><Key>{escape(prefix + key)}</Key></Contents>"
            for key in below
            if "/" not in key
        )
        common = "".join(
            f"<CommonPrefixes><Prefix>{escape(prefix + name)}/</Prefix></CommonPrefixes>"
            for name in folders
        )
        self._say(
            HTTPStatus.OK,
            f"<ListBucketResult><IsTruncated>false</IsTruncated>{files}{common}</ListBucketResult>".encode(),
        )

    def _say(self, status: HTTPStatus, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code></Error>".encode()
