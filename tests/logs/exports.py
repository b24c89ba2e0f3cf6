"""Exports: the same calls as several systems write them."""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple


class Call(NamedTuple):
    """A call as any system knows it."""

    phone: str
    start: datetime
    """In UTC."""
    seconds: int
    outcome: str


class Export(NamedTuple):
    """How one system writes calls."""

    layout: str
    means: dict[str, str]
    """What each of our outcomes is read as: systems know fewer, or others."""
    write: Callable[[list[Call]], bytes]
    said: dict[str, Any] = {}  # noqa: RUF012 (never changed)
    """What else must be said of the export."""


def _text(rows: Iterable[Iterable[object]], separator: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    return text.getvalue().encode()


def _ended(call: Call) -> datetime:
    return call.start + timedelta(seconds=call.seconds)


def _asterisk(calls: list[Call]) -> bytes:
    words = {"answered": "ANSWERED", "busy": "BUSY", "noAnswer": "NO ANSWER", "voicemail": "NO ANSWER"}
    rows = (
        [
            *("", "1000", call.phone, "from-internal", '"Agent ""A""" <1000>', "SIP/1000-1", "SIP/trunk-2", "Dial"),
            *(f"SIP/trunk/{call.phone},30", f"{call.start:%Y-%m-%d %H:%M:%S}"),
            f"{call.start:%Y-%m-%d %H:%M:%S}" if call.outcome == "answered" else "",
            f"{_ended(call):%Y-%m-%d %H:%M:%S}",
            *(call.seconds, call.seconds if call.outcome == "answered" else 0, words.get(call.outcome, "FAILED")),
            *("DOCUMENTATION", f"1772.{place}", ""),
        ]
        for place, call in enumerate(calls)
    )
    return _text(rows, quoting=csv.QUOTE_NONNUMERIC)


def _freeswitch(calls: list[Call]) -> bytes:
    words = {"busy": "USER_BUSY", "noAnswer": "NO_ANSWER", "voicemail": "ORIGINATOR_CANCEL"}
    rows = (
        [
            *("Agent", "1000", call.phone, "default", f"{call.start:%Y-%m-%d %H:%M:%S}"),
            f"{call.start:%Y-%m-%d %H:%M:%S}" if call.outcome == "answered" else "",
            *(f"{_ended(call):%Y-%m-%d %H:%M:%S}", call.seconds, 0 if call.outcome != "answered" else call.seconds),
            words.get(call.outcome, "UNALLOCATED_NUMBER" if call.outcome == "invalid" else "NORMAL_CLEARING"),
            *(f"a-{place}", f"b-{place}", "", "PCMU", "PCMU"),
        ]
        for place, call in enumerate(calls)
    )
    return _text(rows, quoting=csv.QUOTE_ALL)


def _twilio(calls: list[Call]) -> bytes:
    words = {"busy": "busy", "noAnswer": "no-answer", "invalid": "failed"}
    rows = (
        [
            *(f"CA{place:032x}", "+15550001000", f"+{call.phone}", f"{call.start:%a, %d %b %Y %H:%M:%S +0000}"),
            call.seconds if call.outcome in ("answered", "voicemail") else "",
            *(words.get(call.outcome, "completed"), "outbound-api"),
            {"answered": "human", "voicemail": "machine_end_beep"}.get(call.outcome, ""),
        ]
        for place, call in enumerate(calls)
    )
    header = ["Call Sid", "From", "To", "Start Time", "Duration", "Status", "Direction", "Answered By"]
    return _text([header, *rows])


def _vicidial(calls: list[Call]) -> bytes:
    words = {"answered": ("SALE", "NI", "CALLBK"), "voicemail": ("AA", "A"), "busy": ("AB", "B")}
    words |= {"noAnswer": ("NA", "N"), "invalid": ("ADC", "DC")}
    rows = (
        [
            *(f"{call.start:%Y-%m-%d %H:%M:%S}", call.phone, words[call.outcome][place % len(words[call.outcome])]),
            *("6666", "Agent A", "SPRING", "", "", "101", "-5.00", "1", call.phone[1:], call.seconds, "AGENTS", place),
        ]
        for place, call in enumerate(calls)
    )
    header = "call_date phone_number_dialed status user full_name campaign_id vendor_lead_code source_id list_id"
    more = "gmt_offset_now phone_code phone_number length_in_sec user_group lead_id"
    return _text([[*header.split(), *more.split()], *rows], "\t")


def _genesys(calls: list[Call]) -> bytes:
    words = {"voicemail": "ININ-OUTBOUND-MACHINE", "busy": "ININ-OUTBOUND-BUSY", "noAnswer": "ININ-OUTBOUND-NO-ANSWER"}
    words |= {"invalid": "ININ-OUTBOUND-SIT-UNCALLABLE", "answered": "Interested"}
    rows = (
        [
            *("YES", "", "voice", "Agent A", "", f"{call.start:%m/%d/%y %I:%M:%S %p}", call.seconds * 1000),
            *("Outbound", "tel:+15550001000", f"tel:+{call.phone}", "SPRING", words[call.outcome], f"c-{place}"),
        ]
        for place, call in enumerate(calls)
    )
    header = ["Full Export Completed", "Partial Result Timestamp", "Media Type", "Users", "Remote", "Date", "Duration"]
    return _text([[*header, "Direction", "ANI", "DNIS", "Queue", "Wrap-up", "Conversation ID"], *rows])


EXPORTS = (
    Export("asterisk", {"voicemail": "noAnswer", "invalid": "failed"}, _asterisk),
    Export("freeswitch", {"voicemail": "noAnswer"}, _freeswitch),
    Export("twilio", {}, _twilio, {"seconds": {"noAnswer": 25.0, "busy": 4.0, "invalid": 3.0}}),
    Export("vicidial", {}, _vicidial),
    Export(
        "genesys",
        {},
        _genesys,
        {"start_format": "%m/%d/%y %I:%M:%S %p", "milliseconds": True, "outcomes": {"Interested": "answered"}},
    ),
)
"""An export of each layout."""


def plain(calls: list[Call], means: dict[str, str]) -> bytes:
    """The calls by the names of our own fields, with what a layout makes of their outcomes."""
    rows = (
        [call.phone, f"{call.start:%Y-%m-%dT%H:%M:%S}", call.seconds, means.get(call.outcome, call.outcome)]
        for call in calls
    )
    return _text([["phone", "start", "seconds", "outcome"], *rows])


def utc(moment: datetime) -> datetime:
    """The instant in UTC, without its offset."""
    return moment.astimezone(UTC).replace(tzinfo=None)
