"""Call logs, read for an audit: who was called when, by which clock, and for what."""

from pathlib import Path

import pytest

from engine.auditing.audit import Audit, audit
from engine.auditing.logged import logged_calls
from engine.calling.rule_sets import rules_named
from engine.logs.call_log import read_call_log
from engine.logs.forms import LogForm
from engine.logs.needs import FOR_AN_AUDIT
from engine.reading.faults import InputError

FLORIDA, NEW_YORK = "13052000100", "12127360100"


def audited(folder: Path, text: str, *names: str, by_phone: bool = False, **form: object) -> Audit:
    file = folder / "log.csv"
    file.write_text(text)
    zones_by_phone = form.pop("zones_by_phone", False)
    log = read_call_log(file, LogForm(**form), FOR_AN_AUDIT)  # type: ignore[arg-type]
    calls, notes = logged_calls(log, zones_by_phone=bool(zones_by_phone))
    return audit(calls, rules_named(names), by_phone=by_phone, unknown_words=log.unknown_words, notes=notes)


def rows(found: Audit) -> list[tuple[str, str, str | None, str]]:
    return list(found.findings().select("rule", "phone", "start", "local").iter_rows())


def test_a_log_needs_no_more_than_phones_and_starts(tmp_path: Path) -> None:
    found = audited(tmp_path, f"phone,start\n{FLORIDA},2026-03-02T20:30:00-05:00\n", "us-fl")

    assert rows(found) == [("hours", FLORIDA, "2026-03-03T01:30:00Z", "2026-03-02T20:30:00")]


def test_what_a_log_lacks_for_an_audit_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        audited(tmp_path, "number,seconds,outcome\n1,2,answered\n", "us-fl")

    assert [fault.path for fault in refused.value.faults] == [("phone",), ("start",)]


def test_calls_are_judged_by_the_clock_of_a_zone(tmp_path: Path) -> None:
    text = f"phone,start,zone\n{FLORIDA},2026-03-03T01:30:00Z,America/New_York\n{FLORIDA},2026-03-03T01:30:00Z,Z\n"

    found = audited(tmp_path, text, "us-fl")

    assert found.findings()["local"].to_list() == ["2026-03-02T20:30:00", "2026-03-03T01:30:00"]
    assert found.findings()["zone"].to_list() == ["America/New_York", "Z"]


def test_two_spellings_of_a_zone_are_one_zone(tmp_path: Path) -> None:
    text = f"phone,start,zone\n{FLORIDA},2026-03-03T10:30:00+01:00,UTC\n{FLORIDA},2026-03-03T10:30:00+01:00,Z\n"

    assert audited(tmp_path, text, "us-fl").calls.local.tolist() == [1_772_530_200] * 2


def test_local_times_without_a_zone_are_the_customers_own_clock(tmp_path: Path) -> None:
    found = audited(tmp_path, f"phone,start\n{FLORIDA},2026-03-02 20:30:00\n", "us-fl")

    assert rows(found) == [("hours", FLORIDA, None, "2026-03-02T20:30:00")]
    assert any("without an offset" in str(note) for note in found.notes)


def test_calls_with_and_without_an_offset_are_put_in_order_by_the_customers_clock(tmp_path: Path) -> None:
    """One of 09:00 in New York, written with its offset, one an hour after it, and one long after both."""
    (tmp_path / "twice.yaml").write_text("title: t\nsource: s\nsure: s\ncaps: [{atMost: 1, hours: 2}]\n")
    starts = "2026-03-02T09:00:00-05:00", "2026-03-02 10:00:00", "2026-03-02 15:30:00"
    text = "phone,start\n" + "".join(f"{FLORIDA},{start}\n" for start in starts)

    found = audited(tmp_path, text, str(tmp_path / "twice.yaml"))

    assert found.findings()["local"].to_list() == ["2026-03-02T10:00:00"]


def test_local_times_in_a_zone_have_an_instant(tmp_path: Path) -> None:
    found = audited(tmp_path, f"phone,start\n{FLORIDA},2026-07-02 20:30:00\n", "us-fl", zone="America/New_York")

    assert rows(found) == [("hours", FLORIDA, "2026-07-03T00:30:00Z", "2026-07-02T20:30:00")]


def test_zones_are_found_by_phone_where_the_user_says_so(tmp_path: Path) -> None:
    text = "phone,start\n" + "".join(f"{phone},2026-03-03T01:30:00Z\n" for phone in (FLORIDA, "12065550100", "99999"))

    found = audited(tmp_path, text, "us-fl", zones_by_phone=True)

    assert found.findings()["phone"].to_list() == [FLORIDA]
    assert found.findings()["guessed"].to_list() == ["zone"]
    assert any("whose zone is not known are not judged, and counted by caps: 1" in str(note) for note in found.notes)


def test_zones_by_phone_need_instants(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="starts without an offset"):
        audited(tmp_path, f"phone,start\n{FLORIDA},2026-03-02 20:30:00\n", "us-fl", zones_by_phone=True)


def test_sets_hold_for_the_phones_of_their_state_where_the_user_says_so(tmp_path: Path) -> None:
    text = "phone,start\n" + "".join(f"{phone},2026-03-03T01:30:00Z\n" for phone in (FLORIDA, NEW_YORK))

    found = audited(tmp_path, text, "us-fl", "us-tcpa", by_phone=True, zone="America/New_York")

    assert found.findings()["phone"].to_list() == [FLORIDA]
    assert [each.calls for each in found.held] == [1, 2]
    assert found.findings()["guessed"].to_list() == ["rules"]
    assert any("guessed from phones" in str(note) for note in found.notes)


def test_a_word_that_means_a_refusal_has_to_be_named(tmp_path: Path) -> None:
    text = (
        "phone,start,outcome\n"
        "33142278186,2026-03-02T10:00:00+01:00,REFUSED\n"
        "33142278186,2026-03-12T10:00:00+01:00,NO ANSWER\n"
    )

    unnamed = audited(tmp_path, text, "fr", zone="Europe/Paris")
    named = audited(tmp_path, text, "fr", zone="Europe/Paris", outcomes={"REFUSED": "refusal"})

    assert unnamed.found == 0
    assert any("--outcome WORD=refusal" in str(note) for note in unnamed.notes)
    assert rows(named) == [
        ("no call after 1 refusal in 61 days", "33142278186", "2026-03-12T09:00:00Z", "2026-03-12T10:00:00")
    ]


def test_debts_and_redials_are_columns_of_a_log(tmp_path: Path) -> None:
    text = (
        "phone,start,outcome,Debt,asked\n"
        f"{FLORIDA},2026-03-02T10:00:00-05:00,answered,17,\n"
        f"{FLORIDA},2026-03-03T10:00:00-05:00,busy,18,no\n"
        f"{NEW_YORK},2026-03-04T10:00:00-05:00,busy,17,yes\n"
        f"{NEW_YORK},2026-03-05T10:00:00-05:00,busy,17,no\n"
    )
    columns = {"payload.debt": "Debt", "redial": "asked"}

    found = audited(tmp_path, text, "us-reg-f", columns=columns)

    assert found.findings()["local"].to_list() == ["2026-03-05T10:00:00"]
    assert not [note for note in found.notes if note.kind in ("shared", "redials")]


def test_without_debts_and_redials_a_note_says_what_counts(tmp_path: Path) -> None:
    found = audited(tmp_path, f"phone,start,outcome\n{FLORIDA},2026-03-02T10:00:00-05:00,answered\n", "us-reg-f")

    assert {note.kind for note in found.notes} >= {"shared", "redials"}


def test_a_redial_is_yes_or_no(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='redial: found "perhaps", and 1 such cells in all'):
        audited(tmp_path, f"phone,start,redial\n{FLORIDA},2026-03-02T10:00:00-05:00,perhaps\n", "us-fl")


def test_spellings_of_a_phone_share_its_caps(tmp_path: Path) -> None:
    text = "phone,start\n" + "".join(
        f"{phone},2026-03-02T1{hour}:00:00-05:00\n"
        for hour, phone in enumerate([FLORIDA, f"+{FLORIDA}", "+1 (305) 200-0100", FLORIDA])
    )

    assert audited(tmp_path, text, "us-fl").found == 1


def test_calls_that_need_a_consent_are_counted(tmp_path: Path) -> None:
    text = "phone,start\n" + "".join(f"33142278186,2026-08-{day}T11:00:00+02:00\n" for day in (10, 11))

    found = audited(tmp_path, text, "fr")

    assert [note.count for note in found.notes if note.kind == "consent"] == [1]


def test_calls_of_a_fixed_offset_that_other_clocks_would_forbid_are_counted(tmp_path: Path) -> None:
    text = "phone,start,zone\n" + "".join(
        f"{FLORIDA},{start},-05:00\n" for start in ("2026-03-02T19:30:00-05:00", "2026-03-09T19:30:00-05:00")
    )

    (astray,) = audited(tmp_path, text, "us-fl").offsets

    assert (astray.zone, astray.meant, astray.calls, astray.calls_outside) == ("-05:00", "America/New_York", 2, 1)
    assert astray.document["change"] == "2026-03-08T07:00:00Z"


def test_calls_to_phones_of_no_known_country_are_counted_where_sets_are_found_by_phone(tmp_path: Path) -> None:
    text = "phone,start\n" + "".join(f"{phone},2026-03-02 21:00:00\n" for phone in (FLORIDA, f"00{FLORIDA}", "sip:7"))

    found = audited(tmp_path, text, "us-fl", by_phone=True)

    assert found.found == 1
    assert [note.count for note in found.notes if note.kind == "region_not_known"] == [2]
