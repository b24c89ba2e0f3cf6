"""Starts: instants in the forms of many systems."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.logs.starts import written_starts
from engine.reading.faults import InputError

MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0))
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def read(*texts: str | None, form: str | None = None) -> list[tuple[int | None, int | None]]:
    column = pl.Series("start", texts, dtype=pl.String)
    wall, offset = written_starts(column, column, form)
    return list(zip(wall.to_list(), offset.to_list(), strict=True))


def seconds(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp())


@given(MOMENTS, OFFSETS)
def test_an_instant_of_rfc_2822_is_read_with_its_offset(moment: datetime, offset: timezone) -> None:
    text = format_datetime(moment.replace(tzinfo=offset))

    assert read(text) == [(seconds(moment), int(offset.utcoffset(None).total_seconds()))]


@given(MOMENTS, OFFSETS)
def test_an_instant_of_iso_8601_is_read_with_its_offset(moment: datetime, offset: timezone) -> None:
    text = moment.replace(tzinfo=offset).isoformat()

    assert read(text) == [(seconds(moment), int(offset.utcoffset(None).total_seconds()))]


FORMS = st.sampled_from(
    [
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S-05:00",
        "%Y-%m-%d %H:%M:%S +0530",
        "%Y-%m-%d %H:%M:%S UTC",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M:%S.%f",
        "%Y-%m-%dT%H:%M:%S,5+02",
        "%Y-%m-%dT%H:%M:%S  Z",
        "%Y-02-30 %H:%M:%S",
        "%Y-%m-%d",
    ]
)


@given(st.lists(st.one_of(st.none(), st.builds(datetime.strftime, MOMENTS, FORMS)), min_size=1, max_size=4))
def test_a_start_is_read_as_it_is_by_itself(texts: list[str | None]) -> None:
    assert read(*texts) == [read(text)[0] for text in texts]


@pytest.mark.parametrize(
    "text", ["Mon, 02 Mar 2026 15:00:50 +0000", "2 Mar 2026 15:00:50 GMT", "Mon, 02 mar 2026 15:00:50 Z"]
)
def test_weekday_and_case_do_not_matter_to_rfc_2822(text: str) -> None:
    assert read(text) == [(seconds(datetime(2026, 3, 2, 15, 0, 50)), 0)]


@pytest.mark.parametrize("text", ["Mon, 32 Mar 2026 15:00:50 +0000", "Mon, 02 Mrz 2026 15:00:50 +0000", "02 Mar 2026"])
def test_what_is_no_instant_is_null(text: str) -> None:
    assert read(text, None) == [(None, None), (None, None)]


@pytest.mark.parametrize(
    ("form", "text", "moment", "offset"),
    [
        ("%m/%d/%Y %I:%M %p", "3/2/2026 9:05 PM", datetime(2026, 3, 2, 21, 5), None),
        ("%d.%m.%y %H:%M:%S", "02.03.26 21:05:07", datetime(2026, 3, 2, 21, 5, 7), None),
        ("%Y%m%d%H%M%S%z", "20260302210507-0500", datetime(2026, 3, 2, 21, 5, 7), -18_000),
        ("%Y-%m-%d %H:%M:%S.%f", "2026-03-02 21:05:07.250", datetime(2026, 3, 2, 21, 5, 7), None),
    ],
)
def test_a_format_reads_what_it_describes_and_nothing_else(
    form: str, text: str, moment: datetime, offset: int | None
) -> None:
    assert read(text, "2026-03-02T09:00:00Z", None, form=form) == [
        (seconds(moment), offset),
        (None, None),
        (None, None),
    ]


@pytest.mark.parametrize("form", ["%Q", "%H:%M", "%Y-%m-%d", "%", "noon", "%d%d", "%Y-%m-%d %H %H"])
def test_a_format_without_date_or_hour_is_a_fault(form: str) -> None:
    with pytest.raises(InputError, match="allowed: a format with a date and an hour"):
        read("2026-03-02", form=form)
