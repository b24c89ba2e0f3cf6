"""A zone that was meant is suggested; a text that means none suggests nothing."""

import pytest
from tzlocal.windows_tz import win_tz

from engine.calling.near_zones import ABBREVIATIONS, near_zone
from engine.calling.zones import ZoneName, zone_ids
from engine.reading.faults import InputError


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("America/New York", "America/New_York"),
        ("america/new_york", "America/New_York"),
        ("America/NewYork", "America/New_York"),
        ("New York", "America/New_York"),
        ("Eastern Standard Time", "America/New_York"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("eastern standart time", "America/New_York"),
        ("Europe/Kiew", "Europe/Kiev"),
        ("pst", "America/Los_Angeles"),
        ("Europe/Berln", "Europe/Berlin"),
        ("Europe/Munich", None),
        ("z", None),
        ("", None),
        ("Middle Earth", None),
        ("x" * 10_000, None),
    ],
)
def test_the_zone_that_was_meant_is_suggested(text: str, meant: str | None) -> None:
    assert near_zone(text, zone_ids()) == meant
    with pytest.raises(InputError) as error:
        ZoneName.read(text)
    assert error.value.faults[0].allowed.startswith(f"{meant}, perhaps; or Z, an offset" if meant else "Z, an offset")


def test_every_suggestion_is_a_zone() -> None:
    assert {*win_tz.values(), *ABBREVIATIONS.values()} <= zone_ids()
    assert all(near_zone(name, zone_ids()) == zone for name, zone in win_tz.items() if name not in zone_ids())
