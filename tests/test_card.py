"""Cards of a notebook: well-formed, by themselves, and with every name shown as it is."""

from xml.etree import ElementTree

import pytest

from engine.card import Curve, Interval, Strip, card, curve, intervals, strips

NAME = "<b>a & b</b>"
PICTURES = {
    "curve": curve(Curve((0, 1, 4), (0.0, 0.5, 0.25), 1.0, NAME, NAME, NAME, NAME)),
    "a curve without points": curve(Curve((), (), 0.0, NAME, "", "", "")),
    "intervals": intervals(NAME, [Interval(NAME, 1, 2, 3, NAME), Interval("b", 2, 2, 2, "")]),
    "no intervals": intervals(NAME, []),
    "strips": strips(NAME, [Strip(NAME, [(0, 2), (3, 4)]), Strip("b", [])], 4, {0: NAME, 2: "noon"}),
}


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_a_card_is_well_formed_and_shows_names_as_they_are(picture: str) -> None:
    html = card(NAME, [NAME], {NAME: NAME}, picture)

    tree = ElementTree.fromstring(html)  # noqa: S314 (our own text)
    assert "".join(tree.itertext()).count(NAME) >= 5
    assert not [element for element in tree.iter() if element.tag == "b"]
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")


def test_a_curve_holds_each_value_until_the_next() -> None:
    assert 'd="M0,150.0H140.0V75.0H560.0V112.5"' in PICTURES["curve"]


def test_an_interval_lies_on_the_scale_of_all() -> None:
    assert 'd="M150.0,11.0H410.0"' in PICTURES["intervals"]
    assert '<circle cx="280.0" cy="33.0"' in PICTURES["intervals"]


def test_a_stretch_takes_its_part_of_the_length() -> None:
    assert '<rect x="150.0" y="4" width="205.0"' in PICTURES["strips"]
