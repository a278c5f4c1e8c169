"""What the data directory has to have before anything else: a secret key, where the site's owner did
not give one, made once and kept; and room for what is on its way in."""

import os
import secrets
from pathlib import Path


def kept_secret(data_dir: Path) -> str:
    """The key in `secret_key`, made with mode 0600 at first use. Raises SystemExit with a sentence."""
    path = data_dir / "secret_key"
    try:
        return _read(path) or _made(path)
    except OSError as problem:
        raise SystemExit(
            f"The data directory {data_dir} cannot be used ({problem.strerror}). "
            "Make it writable or set CHATSITE_DATA_DIR."
        ) from None


def room_for_uploads(data_dir: Path) -> Path | None:
    """None where nothing can be written yet, as in the building of an image: nobody uploads there."""
    room = data_dir / "tmp"
    try:
        room.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return room


def unwritable(data_dir: Path) -> Path | None:
    """Where in it this account may not write, if anywhere. It only looks: `tmp` is made with the settings,
    `files` with the first picture."""
    inside = [data_dir / name for name in ("tmp", "files")]
    places = [data_dir, *(place for place in inside if place.exists())]
    return next((place for place in places if not _may_write(place)), None)


def _may_write(place: Path) -> bool:
    return place.is_dir() and os.access(place, os.W_OK | os.X_OK)


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def _made(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(50))
    try:
        os.link(draft, path)  # two processes that start at once agree on the first one's key
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _read(path)
