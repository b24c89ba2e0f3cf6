"""Rule sets: the built-in ones, files of users, and what a campaign names."""

from pathlib import Path

import msgspec
import pytest

from engine.calling.rule_sets import Rules, RuleSet, built_in, built_in_names, rules_named
from engine.reading.faults import InputError
from engine.reading.typed import read

NAMES = ["au", "es", "fr", "it-code", "ru-debt", "us-fl", "us-ok", "us-reg-f", "us-tcpa", "us-wa"]
OWN = {"title": "Ours", "source": "the contract", "sure": "We wrote it.", "allowedTime": "9-17"}


def faults_of(value: object) -> list[str]:
    return [str(fault) for fault in read(value, RuleSet)[1]]


def test_the_built_in_sets_are_those_whose_texts_were_read() -> None:
    assert built_in_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_built_in_set_says_its_source_and_how_sure_it_is(name: str) -> None:
    rules = built_in(name)

    assert rules.title
    assert rules.source
    assert rules.sure
    assert rules.where
    assert rules.hours.limits or rules.caps


@pytest.mark.parametrize("name", NAMES)
def test_a_set_as_plain_values_reads_as_the_same_set(name: str) -> None:
    plain = built_in(name).to_json()

    assert read(plain, RuleSet) == (built_in(name), [])
    assert msgspec.json.decode(msgspec.json.encode(plain)) == plain


def test_all_faults_of_a_set_are_named_at_once() -> None:
    bad = {
        "title": "Ours",
        "from": "2026-02-30",
        "where": ["Florida"],
        "allowedTime": {"mon": "25-3"},
        "caps": [{"atMost": 0, "hours": 2}],
        "closedDate": [],
    }

    found = faults_of(bad)

    assert [fault.split(":")[0] for fault in found] == [
        "closedDate",
        "source",
        "sure",
        "from",
        "where[0]",
        "allowedTime.mon[0].localTimeFrom",
        "caps[0].atMost",
    ]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"allowedTime": None}, "found no rule; allowed: at least one of allowedTime, closedDates, caps"),
        ({"from": "2026-03-02", "until": "2026-03-01"}, "until: found 2026-03-01; allowed: a date from 2026-03-02 on"),
        ({"holidays": [{"holidays": "FR"}]}, "holidays: found holidays for which allowedTime has no hours"),
        ({"allowedTime": {"holiday": "closed"}}, "holidays: found nothing; allowed: a list such as"),
    ],
)
def test_what_does_not_go_together_is_a_fault(changes: dict[str, object], fault: str) -> None:
    found = faults_of({**OWN, **changes})

    assert len(found) == 1
    assert found[0].startswith(fault)


def test_sets_are_named_by_name_and_by_file(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text("{title: Ours, source: us, sure: quite, allowedTime: 9-17}")

    found = rules_named(["us-fl", "ours.yaml", "us-fl"], tmp_path)

    assert [each.name for each in found] == ["us-fl", "ours"]


def test_sets_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    for file in ("ours.yaml", "old/ours.yaml", "us-fl.yaml"):
        (tmp_path / file).write_text("title: t\nsource: s\nsure: s\nallowedTime: 9-20\n")

    found = rules_named(["us-fl", "ours.yaml", "old/ours.yaml", "us-fl.yaml"], tmp_path)

    assert [each.name for each in found] == ["us-fl", "ours", "old/ours.yaml", "us-fl.yaml"]


def test_all_faults_of_all_sets_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("title: Ours\nsource: us\nsure: quite\nallowedTime: 9-99\n")

    with pytest.raises(InputError) as refused:
        rules_named(["us-flo", "bad.yaml", "none.yaml", "US"], tmp_path)

    texts = [str(fault).replace(f"{tmp_path}/", "") for fault in refused.value.faults]
    assert texts[0].startswith('[0]: found the rule set "us-flo"; allowed: us-fl, perhaps; or one of au, es')
    assert texts[1].startswith("bad.yaml:4: allowedTime")
    assert texts[2].startswith("none.yaml: found no readable file")
    assert texts[3].startswith('[3]: found the rule set "US"')


def test_a_campaign_names_sets_and_may_have_one_in_full() -> None:
    rules = Rules.read(["us-fl", OWN])

    assert [each.name for each in rules] == ["us-fl", "Ours"]


def test_faults_of_the_sets_of_a_campaign_are_named_at_once() -> None:
    with pytest.raises(InputError) as refused:
        Rules.read(["us-flo", {**OWN, "until": "soon"}, 3])

    assert [str(fault).split(";")[0] for fault in refused.value.faults] == [
        '[0]: found "us-flo"',
        '[1].until: found "soon"',
        "[2]: found 3",
    ]
