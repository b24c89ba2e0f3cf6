"""Layouts: the columns and words of common systems' exports of calls.

A line is taken from dialling to hanging up, so a layout takes the seconds of the whole call where a system tells them
beside those after the answer. Words that say nothing of the customer (a call that is still on, one that was never
dialled) have no meaning here: they are unknown outcomes until a user gives them one.
"""

from collections.abc import Iterable
from typing import NamedTuple

from engine.customers.outcomes import ANSWERED
from engine.logs.words import BUSY, INVALID, NO_ANSWER, VOICEMAIL, plain_word
from engine.reading.faults import Fault, InputError, shown

FAILED = "failed"
"""The outcome of a call that the network or the system did not bring to the customer's phone."""
EMPTY, FILLED = "", "*"


class Correction(NamedTuple):
    """Another column that changes what the word of a call means."""

    column: tuple[str, ...]
    """Its titles; nothing is corrected if the log has none of them."""
    words: dict[str, str]
    """Outcomes by the cell's word; EMPTY and FILLED stand for any cell that is."""
    of: str | None = None
    """The outcome that is corrected; any if None."""


class Layout(NamedTuple):
    """How one system writes its calls."""

    name: str
    system: str
    """Which export of which versions."""
    source: str
    """Where its fields and words are documented."""
    columns: dict[str, tuple[str, ...]]
    """The titles of each field, of which the first counts that a log has."""
    outcomes: dict[str, str]
    """Outcomes by word."""
    call_id: tuple[str, ...] = ()
    """Titles of a column that is equal for the legs of one call."""
    positions: tuple[str, ...] = ()
    """The titles of the columns in their order; a log whose first row has none of them has no header."""
    widths: range = range(0)
    """How many columns an export without a header may have."""
    corrections: tuple[Correction, ...] = ()


def _words(**spelled: str) -> dict[str, str]:
    return {word: outcome for outcome, words in spelled.items() for word in words.split()}


ASTERISK = Layout(
    name="asterisk",
    system="Asterisk 1.8 to 22: Master.csv of cdr_csv, or the table cdr",
    source="docs.asterisk.org, CDR Specification; cdr/cdr_csv.c",
    columns={
        "phone": ("dst",),
        "start": ("start", "calldate"),
        "seconds": ("duration",),
        "outcome": ("disposition",),
    },
    outcomes={"ANSWERED": ANSWERED, "NO ANSWER": NO_ANSWER, "BUSY": BUSY, "FAILED": FAILED, "CONGESTION": FAILED},
    call_id=("linkedid",),
    positions=(
        *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
        *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield"),
    ),
    widths=range(16, 22),
)
FREESWITCH = Layout(
    name="freeswitch",
    system="FreeSWITCH 1.6 to 1.10: Master.csv of mod_cdr_csv, template example",
    source="conf/vanilla/autoload_configs/cdr_csv.conf.xml; developer.signalwire.com, Hangup Cause Code Table",
    columns={
        "phone": ("destination_number",),
        "start": ("start_stamp",),
        "seconds": ("duration",),
        "outcome": ("hangup_cause",),
    },
    outcomes=_words(
        answered="NORMAL_CLEARING ATTENDED_TRANSFER BLIND_TRANSFER MEDIA_TIMEOUT",
        busy="USER_BUSY",
        noAnswer="NO_ANSWER NO_USER_RESPONSE ORIGINATOR_CANCEL ALLOTTED_TIMEOUT PROGRESS_TIMEOUT CALL_REJECTED "
        "SUBSCRIBER_ABSENT USER_NOT_REGISTERED",
        invalid="UNALLOCATED_NUMBER INVALID_NUMBER_FORMAT NUMBER_CHANGED NO_ROUTE_DESTINATION",
        failed="NORMAL_TEMPORARY_FAILURE NORMAL_CIRCUIT_CONGESTION NORMAL_UNSPECIFIED SWITCH_CONGESTION "
        "NETWORK_OUT_OF_ORDER DESTINATION_OUT_OF_ORDER RECOVERY_ON_TIMER_EXPIRE INCOMPATIBLE_DESTINATION "
        "BEARERCAPABILITY_NOTAVAIL SERVICE_UNAVAILABLE INTERWORKING FACILITY_REJECTED CHANNEL_UNACCEPTABLE "
        "OUTGOING_CALL_BARRED MANDATORY_IE_MISSING GATEWAY_DOWN SYSTEM_SHUTDOWN MANAGER_REQUEST",
    ),
    positions=(
        *("caller_id_name", "caller_id_number", "destination_number", "context", "start_stamp", "answer_stamp"),
        *("end_stamp", "duration", "billsec", "hangup_cause", "uuid", "bleg_uuid", "accountcode"),
        *("read_codec", "write_codec"),
    ),
    widths=range(13, 16),
    corrections=(
        Correction(("answer_stamp",), {EMPTY: NO_ANSWER}, ANSWERED),
        Correction(("answer_stamp",), {FILLED: ANSWERED}),
    ),
)
TWILIO = Layout(
    name="twilio",
    system="Twilio: call logs of the console as CSV, or Call resources of the API 2010-04-01",
    source="twilio.com/docs/voice/api/call-resource",
    columns={
        "phone": ("To",),
        "start": ("Start Time",),
        "seconds": ("Duration",),
        "outcome": ("Status",),
    },
    outcomes={
        "completed": ANSWERED,
        "busy": BUSY,
        "no-answer": NO_ANSWER,
        "canceled": NO_ANSWER,
        "failed": INVALID,
    },
    corrections=(
        Correction(
            ("Answered By",),
            {
                **dict.fromkeys(("machine_start", "machine_end_beep", "machine_end_silence"), VOICEMAIL),
                **dict.fromkeys(("machine_end_other", "machine"), VOICEMAIL),
                "fax": INVALID,
            },
            ANSWERED,
        ),
    ),
)
VICIDIAL = Layout(
    name="vicidial",
    system="VICIdial 2.8 to 2.14: Export Calls Report, or the table vicidial_log",
    source="vicidial.org: call_report_export.php, and vicidial_statuses in MySQL_AST_CREATE_tables.sql",
    columns={
        "phone": ("phone_number_dialed", "phone_number"),
        "start": ("call_date",),
        "seconds": ("length_in_sec",),
        "outcome": ("status",),
    },
    outcomes=_words(
        answered="SALE NI NP DEC DNC CALLBK CBHOLD XFER PU PM DROP PDROP XDROP",
        voicemail="A AA AM AL",
        busy="B AB",
        noAnswer="N NA",
        invalid="DC ADC AFAX",
        failed="ADCT CPDERR LRERR ERI",
    ),
)
GENESYS = Layout(
    name="genesys",
    system="Genesys Cloud: the view Interactions, exported as CSV",
    source="help.mypurecloud.com: Interactions view, and Wrap-up codes assigned by outbound dialing",
    columns={
        "phone": ("DNIS",),
        "start": ("Date",),
        "seconds": ("Duration",),
        "outcome": ("Wrap-up",),
    },
    outcomes={
        "ININ-OUTBOUND-TRANSFERRED-TO-QUEUE": ANSWERED,
        "ININ-OUTBOUND-TRANSFERRED-TO-FLOW": ANSWERED,
        "ININ-OUTBOUND-FAILED-TO-REACH-AGENT": ANSWERED,
        "ININ-OUTBOUND-FAILED-TO-REACH-FLOW": ANSWERED,
        "ININ-WRAP-UP-TIMEOUT": ANSWERED,
        "Default Wrap-up Code": ANSWERED,
        "ININ-OUTBOUND-MACHINE": VOICEMAIL,
        "ININ-OUTBOUND-BUSY": BUSY,
        "ININ-OUTBOUND-NO-ANSWER": NO_ANSWER,
        "ININ-OUTBOUND-INVALID-PHONE-NUMBER": INVALID,
        "ININ-OUTBOUND-SIT-UNCALLABLE": INVALID,
        "ININ-OUTBOUND-FAX": INVALID,
        "ININ-OUTBOUND-SIT-CALLABLE": FAILED,
        "ININ-OUTBOUND-NUMBER_COULD_NOT_BE_DIALED": FAILED,
    },
    call_id=("Conversation ID",),
)
LAYOUTS = {layout.name: layout for layout in (ASTERISK, FREESWITCH, TWILIO, VICIDIAL, GENESYS)}
"""The layouts by name."""


def layout_named(name: str) -> Layout:
    """The layout of a name; InputError if there is none."""
    if name not in LAYOUTS:
        raise InputError([Fault(("--layout",), shown(name), f"{', '.join(LAYOUTS)}; or list, to see them")])
    return LAYOUTS[name]


def words_by_outcome(words: dict[str, str]) -> dict[str, list[str]]:
    """The words of each outcome."""
    listed: dict[str, list[str]] = {}
    for word, outcome in words.items():
        listed.setdefault(outcome, []).append(word)
    return listed


def title_among(titles: Iterable[str], wanted: Iterable[str]) -> str | None:
    """The first of the titles that are wanted which a log has, whatever its case, blanks, `_` or `-`."""
    by_plain = {plain_word(title): title for title in reversed([*titles])}
    return next((by_plain[plain_word(each)] for each in wanted if plain_word(each) in by_plain), None)
