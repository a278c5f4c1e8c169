"""The site's sign as PNG, for what cannot read SVG: the home screens of phones and desktops."""

from pathlib import Path

from PIL import Image, ImageDraw

# As in static/icons/favicon.svg: a circle whose upper left is a rounded corner, on a field of 32.
FIELD = 32
CIRCLE, CORNER, CORNER_RADIUS = (4, 4, 28, 28), (4, 4, 22, 22), 7
ACCENT, PAPER = "#0d6a5b", "#fbfaf7"
# Of a maskable icon only a circle of four fifths is sure to be shown: the sign stays well inside.
MASKABLE_SHARE = 0.6
FINER = 4  # drawn larger and made smaller, so that its edge is smooth


def draw(target: Path) -> None:
    for size in (192, 512):
        _sign(size, 1.0, ACCENT, None).save(target / f"app-{size}.png", optimize=True)
    for name, size in (("app-maskable-512", 512), ("app-touch-180", 180)):
        _sign(size, MASKABLE_SHARE, PAPER, ACCENT).save(target / f"{name}.png", optimize=True)


def _sign(size: int, share: float, ink: str, ground: str | None) -> Image.Image:
    side = size * FINER
    picture = Image.new("RGBA", (side, side), ground or (0, 0, 0, 0))
    scale, margin = side * share / FIELD, side * (1 - share) / 2
    pen = ImageDraw.Draw(picture)
    pen.ellipse([margin + at * scale for at in CIRCLE], fill=ink)
    corner = [margin + at * scale for at in CORNER]
    pen.rounded_rectangle(corner, radius=CORNER_RADIUS * scale, fill=ink)
    return picture.resize((size, size), Image.Resampling.LANCZOS)
