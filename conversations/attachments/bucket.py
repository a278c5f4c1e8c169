"""Private files in a bucket of a server that speaks S3, for sites of several machines (0114)."""

import logging
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from io import BytesIO
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from django.utils.translation import gettext_lazy as _
from storages.backends.s3 import S3Storage

from conversations.errors import Unavailable

log = logging.getLogger(__name__)

AWAY = _("The server's store of pictures cannot be reached at the moment. Try again later.")
CONNECT_SECONDS, READ_SECONDS = 5, 20
ATTEMPTS = 2
# Whoever deletes has all files alone meanwhile, and somebody waits for them. What does not go in that time is
# left to the sweep.
DELETE_CONNECT_SECONDS, DELETE_READ_SECONDS = 1, 3
DELETE_SECONDS = 4.0
# A server that did not answer is asked to delete nothing for so long: a request may ask a hundred times.
LEFT_ALONE_SECONDS = 30.0
NOT_THERE = 404
# Of one request.
MOST_DELETED = 1000
# Not every server knows such requests, or the checksum that Amazon wants of them.
NOT_KNOWN = {400, 405, 501}


class PrivateBucket(S3Storage):  # type: ignore[misc]
    """Nothing is public by us and nothing has an address: bytes go through our views, as from a disk.

    An object is put by one request: it is whole or not there.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(client_config=_config(options), file_overwrite=True, **options)
        # By the monotonic clock.
        self._left_alone_until = 0.0

    @cached_property
    def connection(self) -> Any:
        """One for all threads, which come and go; to make one takes a tenth of a second."""
        return self._create_session().resource(
            "s3",
            region_name=self.region_name,
            endpoint_url=self.endpoint_url,
            config=self.client_config,
        )

    def url(self, name: str | None, *_args: Any, **_more: Any) -> str:
        raise ValueError("private files have no address")

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """A few megabytes at most: we encoded it."""
        with _trouble_told():
            found = self._client.get_object(Bucket=self.bucket_name, Key=self._normalize_name(name))
            return File(BytesIO(found["Body"].read()), name)

    def _save(self, name: str, content: "File[Any]") -> str:
        content.seek(0)
        with _trouble_told():
            key = self._normalize_name(name)
            self._client.put_object(Bucket=self.bucket_name, Key=key, Body=content.read())
        return name

    def exists(self, name: str) -> bool:
        with _trouble_told():
            return bool(super().exists(name))

    def delete(self, name: str) -> None:
        self.delete_all([name])

    def delete_all(self, names: Collection[str]) -> None:
        """In one request: whoever deletes keeps all uploads waiting, a bucket is slow, and where somebody is
        erased who has hundreds of pictures it would be asked thousands of times. Raises Unavailable within
        seconds where some are left."""
        until = time.monotonic() + DELETE_SECONDS
        keys = [{"Key": self._normalize_name(name)} for name in names]
        for some in (keys[at : at + MOST_DELETED] for at in range(0, len(keys), MOST_DELETED)):
            with self._answering():
                self._delete_some(some, until)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            with _trouble_told():
                yield
        except Unavailable as trouble:
            if isinstance(trouble.__cause__, BotoCoreError):
                self._left_alone_until = time.monotonic() + LEFT_ALONE_SECONDS
            raise

    def _delete_some(self, keys: list[dict[str, str]], until: float) -> None:
        try:
            wanted = {"Objects": keys, "Quiet": True}
            told = self._deleting(until).delete_objects(Bucket=self.bucket_name, Delete=wanted)
        except ClientError as refusal:
            if _status(refusal) not in NOT_KNOWN:
                raise
            for key in keys:
                self._deleting(until).delete_object(Bucket=self.bucket_name, **key)
            return
        if left := told.get("Errors"):
            log.warning("the bucket keeps %s of %s objects", len(left), len(keys))
            raise Unavailable(AWAY)

    def _deleting(self, until: float) -> Any:
        """Who asks to delete, as long as there is time."""
        now = time.monotonic()
        if now > until or now < self._left_alone_until:
            raise Unavailable(AWAY)
        return self._hasty_client

    @cached_property
    def _hasty_client(self) -> Any:
        hasty = {"connect_timeout": DELETE_CONNECT_SECONDS, "read_timeout": DELETE_READ_SECONDS}
        return self._create_session().client(
            "s3",
            region_name=self.region_name,
            endpoint_url=self.endpoint_url,
            config=self.client_config.merge(
                Config(retries={"total_max_attempts": 1, "mode": "standard"}, **hasty)
            ),
        )

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with _trouble_told():
            folders, files = super().listdir(path)
            return folders, files

    def get_modified_time(self, name: str) -> datetime:
        with _trouble_told():
            moment: datetime = super().get_modified_time(name)
            return moment

    @property
    def _client(self) -> Any:
        return self.connection.meta.client


def _config(options: dict[str, Any]) -> Config:
    """Servers of one's own are asked by path and know no checksums but that of the signature."""
    return Config(
        signature_version="s3v4",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        s3={"addressing_style": "path" if options.get("endpoint_url") else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


def _status(refusal: ClientError) -> int:
    return int(refusal.response["ResponseMetadata"]["HTTPStatusCode"])


@contextmanager
def _trouble_told() -> Iterator[None]:
    """What the disk would say, where it is the same; else Unavailable, and its kind in the log."""
    try:
        yield
    except ClientError as refusal:
        if _status(refusal) == NOT_THERE:
            raise FileNotFoundError from refusal
        log.warning("the bucket refuses: %s", refusal.response.get("Error", {}).get("Code"))
        raise Unavailable(AWAY) from refusal
    except BotoCoreError as trouble:
        log.warning("the bucket cannot be reached: %s", type(trouble).__name__)
        raise Unavailable(AWAY) from trouble
