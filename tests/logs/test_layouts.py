"""Layouts: a log is the same log however a system writes it."""

from pathlib import Path

import pytest

from engine import Scenario, simulate
from engine.fitting.fit import fit
from engine.logs.call_log import read_call_log
from engine.logs.columns import FIELDS
from engine.logs.forms import LogForm
from engine.logs.layouts import LAYOUTS, layout_named
from engine.reading.faults import InputError
from tests.logs.exports import EXPORTS, Call, Export, plain, utc


@pytest.fixture(scope="module")
def calls() -> list[Call]:
    """What the simulator makes; calls that nobody takes last equally long, for Twilio does not say how long."""
    made = simulate(Scenario.load("scenarios/call_log.yaml"), calls=True).calls
    return [
        Call(phone, utc(start), 25 if outcome == "noAnswer" else seconds, outcome)
        for phone, start, seconds, outcome in made.select("phone", "start", "seconds", "outcome").iter_rows()
    ]


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.layout)
def test_a_log_in_every_layout_fits_to_the_same_model(export: Export, calls: list[Call], tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_bytes(plain(calls, export.means))
    (tmp_path / "export.csv").write_bytes(export.write(calls))

    unknown = {"failed": "failed"} if "failed" in export.means.values() else {}
    ours = read_call_log(tmp_path / "plain.csv", LogForm(outcomes=unknown))
    theirs = read_call_log(tmp_path / "export.csv", LogForm(layout=export.layout, **export.said))

    assert theirs.names == ours.names
    for column in ("outcome", "seconds", "attempt", "weekday", "hour", "local_start"):
        assert getattr(theirs, column).tolist() == getattr(ours, column).tolist(), column
    assert fit(theirs, 200).parts == fit(ours, 200).parts


def test_every_layout_has_an_export_and_says_where_its_fields_are_documented() -> None:
    assert sorted(LAYOUTS) == sorted(export.layout for export in EXPORTS)
    assert all(layout.source and layout.system for layout in LAYOUTS.values())
    assert all(
        {"outcome", "seconds", "phone", "start"} == set(layout.columns) <= set(FIELDS) for layout in LAYOUTS.values()
    )


def test_positions_hold_the_titles_that_the_fields_are_read_from() -> None:
    for layout in LAYOUTS.values():
        if layout.positions:
            assert all(set(titles) & set(layout.positions) for titles in layout.columns.values())


@pytest.mark.parametrize("width", [16, 17, 18, 21])
def test_columns_that_a_headerless_export_has_beyond_its_positions_do_not_matter(
    calls: list[Call], tmp_path: Path, width: int
) -> None:
    lines = EXPORTS[0].write(calls[:200]).decode().splitlines()
    rows = [",".join([*line.rsplit(",", 2)[:1], *(f'"x{place}"' for place in range(width - 16))]) for line in lines]
    (tmp_path / "Master.csv").write_text("\n".join(rows))

    log = read_call_log(tmp_path / "Master.csv", LogForm(layout="asterisk"))

    assert log.calls == 200
    assert log.seconds.tolist() == [call.seconds for call in calls[:200]]


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.layout)
def test_an_export_that_is_read_without_its_layout_is_told_which_one_it_has(
    export: Export, calls: list[Call], tmp_path: Path
) -> None:
    (tmp_path / "export.csv").write_bytes(export.write(calls[:200]))

    with pytest.raises(InputError) as caught:
        read_call_log(tmp_path / "export.csv")

    assert f"; or --layout {export.layout}, " in str(caught.value)


@pytest.mark.parametrize(("export", "other"), [(EXPORTS[0], "freeswitch"), (EXPORTS[1], "asterisk")])
def test_a_headerless_export_is_not_read_by_the_positions_of_another_layout(
    export: Export, other: str, calls: list[Call], tmp_path: Path
) -> None:
    (tmp_path / "Master.csv").write_bytes(export.write(calls[:200]))

    with pytest.raises(InputError, match=rf":1: found 1[58] columns; .* --layout {export.layout}, perhaps"):
        read_call_log(tmp_path / "Master.csv", LogForm(layout=other))


def test_an_export_with_a_header_is_read_by_its_titles_and_not_by_positions(calls: list[Call], tmp_path: Path) -> None:
    lines = [f"{call.seconds},{call.start},{call.phone},ANSWERED" for call in calls[:200]]
    (tmp_path / "cdr.csv").write_text("\n".join(["duration,calldate,dst,disposition", *lines]))

    log = read_call_log(tmp_path / "cdr.csv", LogForm(layout="asterisk"))

    assert log.seconds.tolist() == [call.seconds for call in calls[:200]]


def test_a_layout_reads_its_titles_whatever_their_case_and_blanks(calls: list[Call], tmp_path: Path) -> None:
    text = EXPORTS[2].write(calls[:200]).decode().replace("Start Time", "start_time").replace("Call Sid", "sid")
    (tmp_path / "calls.csv").write_text(text.replace("Answered By", "AnsweredBy"))

    log = read_call_log(tmp_path / "calls.csv", LogForm(layout="twilio"))

    assert [log.names[place] for place in log.outcome] == [call.outcome for call in calls[:200]]


def test_an_answer_in_freeswitch_is_told_by_its_stamp_and_not_by_the_cause(tmp_path: Path) -> None:
    head, tail = '"A","1","16505550100","default","2026-03-02 09:00:00"', '"u","b","","PCMU","PCMU"'
    rows = [
        f'{head},"","2026-03-02 09:00:20","20","0","NORMAL_CLEARING",{tail}',
        f'{head},"2026-03-02 09:00:10","2026-03-02 09:00:20","20","10","RECOVERY_ON_TIMER_EXPIRE",{tail}',
    ]
    (tmp_path / "Master.csv").write_text("\n".join(rows * 60))

    log = read_call_log(tmp_path / "Master.csv", LogForm(layout="freeswitch"))

    assert [log.names[place] for place in log.outcome[:2]] == ["noAnswer", "answered"]


def test_what_a_user_says_of_columns_and_words_comes_before_the_layout(calls: list[Call], tmp_path: Path) -> None:
    (tmp_path / "Master.csv").write_bytes(EXPORTS[0].write(calls[:200]))
    form = LogForm(layout="asterisk", columns={"seconds": "billsec"}, outcomes={"FAILED": "invalid"})

    log = read_call_log(tmp_path / "Master.csv", form)

    assert {log.names[place] for place, call in zip(log.outcome, calls, strict=False) if call.outcome == "invalid"} == {
        "invalid"
    }
    assert (log.seconds[~log.answered] == 0).all()


def test_an_unknown_layout_is_told_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match=r'found "five9"; allowed: asterisk, freeswitch, twilio, vicidial, genesys'):
        layout_named("five9")


@pytest.mark.parametrize("layout", ["asterisk", None])
def test_a_first_row_of_a_very_long_cell_is_told_as_any_other(tmp_path: Path, layout: str | None) -> None:
    log = tmp_path / "calls.csv"
    log.write_text('"' + "x" * 200_000 + '",1\n')

    with pytest.raises(InputError, match=r"calls\.csv"):
        read_call_log(log, LogForm(layout=layout))
