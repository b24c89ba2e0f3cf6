"""Instants, lengths of time, shares and counts, as people write them."""

from collections.abc import Sequence
from decimal import Decimal

from engine.calling.instants import DAY, HOUR, MINUTE, in_zone, unix_seconds
from engine.calling.policy import DEFAULT_ZONE
from engine.calling.zones import parse_zone


def whole_minute(text: str) -> int:
    """The Unix seconds of an instant of the summary, cut to the minute."""
    return unix_seconds(text) // MINUTE * MINUTE


def moment_text(instant: int, zone_name: str) -> str:
    """The instant on the wall clock of a zone, to the minute, or to the second if it is not a whole minute."""
    local = in_zone(instant, parse_zone(zone_name))
    return local.strftime("%a %Y-%m-%d %H:%M" if not local.second else "%a %Y-%m-%d %H:%M:%S")


def zone_text(zone_name: str) -> str:
    """The name of a zone; `UTC` for `Z`."""
    return "UTC" if zone_name == DEFAULT_ZONE else zone_name


def span_text(seconds: float) -> str:
    """A length of time as people say it: `42 s`, `7 min 5 s`, `3 h 20 min`, `2 d 4 h`."""
    for unit, size, below, below_size in (("d", DAY, "h", HOUR), ("h", HOUR, "min", MINUTE), ("min", MINUTE, "s", 1)):
        if seconds >= size:
            rest = int(seconds % size // below_size)
            return f"{int(seconds // size)} {unit}" + (f" {rest} {below}" if rest else "")
    return f"{seconds:.0f} s"


def percent(share: float | None) -> str:
    """A share from 0 to 1 as a percentage; `-` for None."""
    return "-" if share is None else f"{share * 100:.1f} %"


def percent_as_written(share: float) -> str:
    """A share that a user wrote, as a percentage with all of its digits: `60.0 %`, `61.75 %`."""
    whole, _, part = f"{Decimal(str(share)) * 100:f}".partition(".")
    return f"{whole}.{part.rstrip('0') or '0'} %"


def counted(count: int, noun: str) -> str:
    """A count with its noun: `1 line`, `2 lines`, `20,000 lines`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def listed(parts: Sequence[str]) -> str:
    """Parts of a sentence in a row: `hours`, `hours and caps`, `dates, hours and caps`; at least one."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
