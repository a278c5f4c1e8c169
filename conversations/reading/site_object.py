"""What a page shows of the settings of the site: its name, the banner, and whether it is stopped."""

import hashlib
import re
from typing import Any

from conversations.site import Site

# Plain text but for these. A full stop or bracket behind an address belongs to the sentence.
ADDRESS = re.compile(r"(https://[^\s<>\"']*[^\s<>\"'.,;:!?)\]}])", re.IGNORECASE)

Object = dict[str, Any]


def site_object(site: Site) -> Object:
    return {"name": site.name, "banner": banner_object(site), "stopped": stopped_object(site)}


def stopped_object(site: Site) -> Object | None:
    """Each page says it in its own language; `because` is the administrator's own word, or nothing."""
    return {"because": site.row.stopped_because} if site.stopped_at else None


def banner_object(site: Site) -> Object | None:
    """`id` is another as soon as a word is: what was put away comes back. `parts` are the text, those that
    are links with `href`: a page makes elements of them, and never HTML of words."""
    text, tone = site.row.banner.strip(), site.row.banner_tone
    if not text:
        return None
    id = hashlib.sha256(f"{tone} {text}".encode()).hexdigest()[:16]
    return {"id": id, "tone": tone, "text": text, "parts": _parts(text)}


def _parts(text: str) -> list[Object]:
    """Words and addresses take turns in what `split` gives."""
    cut = enumerate(ADDRESS.split(text))
    return [{"text": part, **({"href": part} if at % 2 else {})} for at, part in cut if part]
