"""Pictures on their way in: how long one photograph takes, and whether twenty disturb who reads."""

import asyncio
import secrets
import time
from io import BytesIO
from statistics import median

from bench.http import line_to
from bench.rounds import clear, streaming
from bench.stage import Site, Stage
from bench.table import Figure
from bench.tabs import Tab
from tests.pure.hostile import CASES

SIZE = (4032, 3024)  # a telephone's twelve megapixels
TIMES = 5
AT_ONCE, READERS, RATE = 20, 50, 20
QUIET_SECONDS = 5
# What the event loop may be blocked for, at the most.
MOST_MS = 50
BOUNDARY = "a-part-of-a-form"


async def figures(stage: Stage, rounds: int) -> list[Figure]:
    photo = await asyncio.to_thread(photograph)
    alone = median([await _seconds(stage.ours, photo) for _ in range(TIMES)])
    before, meanwhile, took = await _together(stage, photo)
    attacked = await _attacked(stage)
    name = f"{AT_ONCE} photographs at once, {READERS} answers streaming"
    return [
        Figure("a photograph of 12 megapixels, upload to ready", "s", alone, None),
        Figure(f"{name}: all ready", "s", took, None),
        Figure(f"{name}: delay p95", "ms", meanwhile[0], None, f"≤ {MOST_MS}", meanwhile[0] <= MOST_MS),
        Figure(f"{name}: delay p99", "ms", meanwhile[1], None),
        Figure("… and without them: delay p95", "ms", before[0], None),
        Figure("… and without them: delay p99", "ms", before[1], None),
        Figure(f"{AT_ONCE} hostile files instead: delay p99", "ms", attacked[1], None,
               f"≤ {MOST_MS}", attacked[1] <= MOST_MS),
    ]  # fmt: skip


def photograph() -> bytes:
    """As hard to decode as a real one: some 4 MB."""
    from PIL import Image

    coarse = Image.effect_noise((SIZE[0] // 4, SIZE[1] // 4), 90).resize(SIZE)
    fine, light = Image.effect_noise(SIZE, 12), Image.linear_gradient("L").resize(SIZE)
    bands = (Image.blend(coarse, light, 0.5), Image.blend(coarse, fine, 0.3), light)
    out = BytesIO()
    Image.merge("RGB", bands).save(out, "JPEG", quality=85)
    return out.getvalue()


async def _together(
    stage: Stage, photo: bytes
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Delays of the answers before and while pictures come, and how long those took."""
    tabs = await streaming(stage.ours, READERS, RATE)
    _note(tabs)
    await asyncio.sleep(QUIET_SECONDS)
    before = _noted(tabs)
    _note(tabs)
    began = time.perf_counter()
    await asyncio.gather(*(_seconds(stage.ours, photo) for _ in range(AT_ONCE)))
    took = time.perf_counter() - began
    meanwhile = _noted(tabs)
    await clear(stage, stage.ours)
    return before, meanwhile, took


async def _attacked(stage: Stage) -> tuple[float, float]:
    """Delays of the answers while hostile files come, of each family some (tests/pure/hostile/)."""
    contents = [case.content() for case in CASES[:: max(1, len(CASES) // AT_ONCE)]][:AT_ONCE]
    tabs = await streaming(stage.ours, READERS, RATE)
    _note(tabs)
    answers = (asyncio.to_thread(_posted, stage.ours, content) for content in contents)
    for status, said in await asyncio.gather(*answers):
        if status not in (201, 413, 415):
            raise SystemExit(f"a hostile file was answered with {status} {said[:300]!r}")
    found = _noted(tabs)
    await clear(stage, stage.ours)
    return found


def _note(tabs: list[Tab]) -> None:
    for tab in tabs:
        tab.delays, tab.noting = [], True


def _noted(tabs: list[Tab]) -> tuple[float, float]:
    """In milliseconds: what 95 and 99 of a hundred tokens were less late than."""
    delays = sorted(delay for tab in tabs for delay in tab.delays) or [0]
    p95, p99 = (delays[len(delays) * share // 100] / 1000 for share in (95, 99))
    return p95, p99


async def _seconds(site: Site, photo: bytes) -> float:
    return await asyncio.to_thread(_sent, site, photo)


def _sent(site: Site, photo: bytes) -> float:
    """A picture that nobody sent before: a comment in it says so."""
    note = b"\xff\xfe\x00\x12" + secrets.token_bytes(16)
    began = time.perf_counter()
    status, said = _posted(site, photo[:2] + note + photo[2:])
    if status != 201:
        raise SystemExit(f"a picture was refused: {status} {said[:300]!r}")
    return time.perf_counter() - began


def _posted(site: Site, content: bytes) -> tuple[int, bytes]:
    token = secrets.token_hex(16)
    headers = {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Cookie": f"{next(site.sessions)}; csrftoken={token}",
        "X-CSRFToken": token,
        "Origin": f"http://127.0.0.1:{site.port}",
    }
    with line_to(site.port) as line:
        line.request("POST", "/api/v1/images", _form(content), headers)
        answer = line.getresponse()
        return answer.status, answer.read()


def _form(photo: bytes) -> bytes:
    head = (
        'Content-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg'
    )
    start = f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode()
    return start + photo + f"\r\n--{BOUNDARY}--\r\n".encode()
