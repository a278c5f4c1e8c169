"""What something cost, for whoever asked for it: the administrator may keep money to the desk."""

from decimal import Decimal

from conversations import site

MICROS = 1_000_000
CENT = MICROS // 100


def dollars(micros: int | None) -> str | None:
    """Micro-dollars as a decimal string in US dollars."""
    return None if micros is None else f"{Decimal(micros) / MICROS:.6f}"


def shown(micros: int | None) -> str | None:
    """The same for people; None also where they are not to see it."""
    return dollars(micros) if site.now().shows_costs else None
