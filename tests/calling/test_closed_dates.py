"""Closed dates are read with every fault named, and are the days that people mean."""

import subprocess
import sys
from datetime import date
from typing import Any

import pytest

from engine.calling.closed_dates import ClosedDates, Holidays, LocalDate, closed_around, closed_days, years_without
from engine.reading.document import parse_document
from engine.reading.faults import InputError


def day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def texts(dates: object, first: str, last: str) -> list[str]:
    """The closed dates between two, as people write them."""
    days = closed_days(ClosedDates.read(dates), day(first), day(last))
    return [LocalDate(each).to_json() for each in days.tolist()]


def fault(dates: object) -> str:
    with pytest.raises(InputError) as raised:
        ClosedDates.read(dates)
    return str(raised.value)


def test_a_date_reads_back_as_it_was_written() -> None:
    assert [LocalDate.read(each).to_json() for each in ("2026-12-25", "1969-12-31", "0001-01-01")] == [
        "2026-12-25",
        "1969-12-31",
        "0001-01-01",
    ]


def test_dates_in_a_scenario_need_no_quotes() -> None:
    text = b"- 2026-12-25\n- {holidays: NO}\n"

    assert ClosedDates.read(parse_document(text, "closed.yaml", json_text=False).value) == (
        LocalDate(day("2026-12-25")),
        Holidays(holidays="NO"),
    )


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ("2026-12-25T00:00:00Z", "2026-12-25; leave out the time and the offset: it is a whole day of each"),
        ("2026-12-25 00:00", "; leave out the time"),
        ("2026-02-30", "a date such as 2026-12-25"),
        ("2026-W52-5", "a date such as 2026-12-25"),
        ("25.12.2026", "a date such as 2026-12-25"),
        (20261225, "a date such as 2026-12-25"),
        ("US", "; holidays are written {holidays: US}"),
    ],
)
def test_what_is_no_date_is_a_fault_with_its_remedy(given: object, allowed: str) -> None:
    text = fault(["2026-12-24", given])

    assert text.startswith("[1]: found ")
    assert allowed in text


def test_a_date_by_itself_is_not_a_list() -> None:
    assert fault("2026-12-25").endswith("allowed: a list of dates such as 2026-12-25 and of {holidays: US}")


@pytest.mark.parametrize(
    ("given", "place", "allowed"),
    [
        ({"holidays": "USA"}, "holidays", "US, perhaps; or the two letters of a country"),
        ({"holidays": "us"}, "holidays", "US, perhaps; or "),
        ({"holidays": "UK"}, "holidays", "GB, perhaps; or "),
        ({"holidays": "United States"}, "holidays", "US, perhaps; or "),
        ({"holidays": "Germny"}, "holidays", "DE, perhaps; or "),
        ({"holidays": "US-CA"}, "holidays", "US, with subdivision: CA"),
        ({"holidays": "ZZ"}, "holidays", "the two letters of a country, such as US"),
        ({"holidays": 5}, "holidays", "the two letters of a country, such as US"),
        ({"holidays": "DE", "subdivision": "Bayern"}, "subdivision", "BY, perhaps; or one of BB, BE, BW, BY, "),
        ({"holidays": "DE", "subdivision": "by"}, "subdivision", "BY, perhaps; or one of BB, BE, BW, BY, "),
        ({"holidays": "VA", "subdivision": "X"}, "subdivision", "nothing: the library has no parts of VA"),
        ({"holidays": "FR", "subdivision": 57}, "subdivision", "in quotes if it is a number"),
        ({"holidays": "US", "observed": "no"}, "observed", "true or false"),
        ({"holiday": "US"}, "holiday", "holidays, perhaps"),
    ],
)
def test_holidays_that_nobody_knows_are_a_fault_with_what_was_meant(
    given: dict[str, Any], place: str, allowed: str
) -> None:
    text = fault(["2026-12-25", given])

    assert text.startswith(f"[1].{place}: found ")
    assert allowed in text


def test_every_fault_of_a_list_is_named() -> None:
    assert fault([1, {"holidays": "ZZ"}, "2026-12-25", "x"]).count("found") == 3


def test_closed_days_are_those_between_two_days_each_once_in_order() -> None:
    given = ["2026-12-25", "2026-12-01", "2026-12-25", "2027-01-01", "2026-11-30", {"holidays": "US"}]

    assert texts(given, "2026-12-01", "2026-12-31") == ["2026-12-01", "2026-12-25"]


def test_holidays_are_those_of_the_country_or_of_its_part() -> None:
    assert texts([{"holidays": "DE"}], "2026-10-30", "2026-11-02") == []
    assert texts([{"holidays": "DE", "subdivision": "BY"}], "2026-10-30", "2026-11-02") == ["2026-11-01"]


def test_observed_holidays_are_closed_unless_they_are_not_wanted() -> None:
    """Independence Day of 2026 is a Saturday."""
    observed = texts([{"holidays": "US"}], "2026-07-01", "2026-07-10")
    only_itself = texts([{"holidays": "US", "observed": False}], "2026-07-01", "2026-07-10")

    assert (observed, only_itself) == (["2026-07-03", "2026-07-04"], ["2026-07-04"])


def test_a_holiday_of_january_may_be_observed_in_december() -> None:
    """The first of January 2022 was a Saturday."""
    assert texts([{"holidays": "US"}], "2021-12-26", "2021-12-31") == ["2021-12-31"]


def test_around_a_simulation_count_all_dates_named_and_the_holidays_of_two_years_more() -> None:
    dates = ClosedDates.read(["1990-05-05", {"holidays": "US"}, "2100-05-05"])

    closed = closed_around(dates, day("2026-03-02"), day("2027-03-02"))

    in_years = {LocalDate(each).to_json()[:4] for each in closed}
    assert in_years == {"1990", *(f"{year}" for year in range(2024, 2030)), "2100"}
    assert list(closed) == sorted(closed)


def test_years_without_known_holidays_are_told() -> None:
    """The library ends with 2100; and Ukraine has no holidays under martial law."""
    of = ClosedDates.read([{"holidays": "US"}, {"holidays": "UA"}])
    assert isinstance(of[0], Holidays)
    assert isinstance(of[1], Holidays)

    assert years_without(of[0], day("2099-12-31"), day("2102-01-01")) == [2101, 2102]
    assert years_without(of[0], day("2026-02-01"), day("2026-02-02")) == []
    assert years_without(of[1], day("2021-01-01"), day("2023-12-31")) == [2023]


def test_holidays_are_loaded_only_if_they_are_asked_for() -> None:
    code = """
import sys
from engine import Scenario
from engine.dialing.rulebook import Rulebook
for dates in ([], ["2026-03-03"], [{"holidays": "US"}]):
    document = {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-09T00:00:00Z",
        "campaign": {"lines": 1, "closedDates": dates},
        "numbers": [{"addPhones": [{"phone": "12345"}]}],
        "outcomes": {"busy": {"share": 1, "seconds": 30}},
    }
    Rulebook(Scenario.from_document(document).document)
    print("holidays" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False", "True"]
