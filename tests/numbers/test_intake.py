"""The intake: phones, payloads and policies taken in, faults named with their place."""

from typing import Any

import numpy as np
import pytest

from engine import CallPolicy
from engine.customers.outcomes import Segment
from engine.numbers.formats.bodies import read_values
from engine.numbers.intake import MOST_REFUSED, Intake, Rows
from engine.numbers.phonebook import Phonebook, phone_text
from engine.reading.faults import InputError


def take(intake: Intake, body: object, *added: int) -> None:
    numbers = read_values(body, intake)
    assert not numbers.faulty
    intake.add(numbers, np.broadcast_to(np.array(added or (0,), np.int64), numbers.given))


def taken_in(body: object, *segments: Segment) -> Phonebook:
    intake = Intake(segments)
    take(intake, body)
    return intake.phonebook()


def faults(body: object) -> list[str]:
    try:
        return [str(fault) for number in read_values(body, Intake()).faulty for fault in number.faults]
    except InputError as error:
        return [str(fault) for fault in error.faults]


def test_numbers_of_one_policy_share_it() -> None:
    spellings: list[dict[str, Any]] = [
        {"gmtZone": "+1"},
        {"gmtZone": "UTC+01:00"},
        {"gmtZone": "+0100", "maxAttempts": None},
        {},
    ]
    book = taken_in([{"phone": 16505550000 + place, **policy} for place, policy in enumerate(spellings)])
    assert book.policies.tolist() == [0, 0, 0, 1]
    assert book.distinct == (CallPolicy.from_json({"gmtZone": "+1"}), CallPolicy())


def test_the_first_segment_whose_payload_fits_is_the_numbers_own() -> None:
    segments = [
        Segment(name="drawn", share=0.5),
        Segment(name="gold", payload={"tier": 1, "eu": True}),
        Segment(name="silver", payload={"tier": 1}),
    ]
    payloads: list[Any] = [{"tier": 1, "eu": True}, {"tier": 1.0, "eu": 1}, {"tier": "1"}, {"eu": True}, {}, None]
    book = taken_in([{"phone": 16505550000 + place, "payload": each} for place, each in enumerate(payloads)], *segments)
    assert book.segments.tolist() == [2, 3, 0, 0, 0, 0]


def test_a_segment_of_null_asks_for_a_null_and_not_for_nothing() -> None:
    book = taken_in(
        [{"phone": "12345", "payload": {"tier": None}}, {"phone": "12346", "payload": {"other": 1}}],
        Segment(name="untiered", payload={"tier": None}),
    )
    assert book.segments.tolist() == [1, 0]


def test_priorities_that_count_as_five_are_counted() -> None:
    priorities: list[object] = [1, 5, None, 0, 6, "1", 0, 1.5, True, [], {}, 0, "1"]
    body = [{"phone": 16505550000 + place, "dialerPriority": each} for place, each in enumerate(priorities)]
    book = taken_in(body)
    assert book.changed_priorities == {"0": 3, "6": 1, '"1"': 2, "1.5": 1, "true": 1, "[]": 1, "{}": 1}
    assert [book.distinct[policy].priority for policy in book.policies.tolist()] == [1] + [5] * 12
    told = '0: 3, "1": 2, 6: 1, 1.5: 1, true: 1, []: 1, {}: 1'
    assert [*map(str, book.warnings())] == [
        f"dialerPriority that is not 1 to 5 counts as 5: 10 of the numbers ({told})"
    ]


def test_of_many_priorities_that_count_as_five_the_most_frequent_are_told() -> None:
    body = [{"phone": 16505550000 + place, "dialerPriority": f"p{place}"} for place in range(1_005)]
    book = taken_in([*body, {"phone": 12345, "dialerPriority": "p7"}])
    assert sum(book.changed_priorities.values()) == 1_006
    assert book.changed_priorities["others"] == 5
    [note] = map(str, book.warnings())
    assert note.startswith('dialerPriority that is not 1 to 5 counts as 5: 1,006 of the numbers ("p7": 2, "p0": 1, "p1')
    assert note.endswith(', "p6": 1, others: 997)')


def test_priorities_of_faulty_numbers_are_not_counted() -> None:
    intake = Intake()
    numbers = read_values([{"phone": 12345, "dialerPriority": 0}, {"phone": 1, "dialerPriority": "high"}], intake)
    assert numbers.changed_priorities == {"0": 1}


def test_numbers_stand_in_the_order_in_which_they_are_added() -> None:
    intake = Intake()
    take(intake, [{"phone": "12345"}, {"phone": "12346"}], 9, 3)
    take(intake, [{"phone": "12347"}, {"phone": "12348"}], 3)
    book = intake.phonebook()
    assert [phone_text(code) for code in book.phone_codes.tolist()] == ["12346", "12347", "12348", "12345"]
    assert book.added.tolist() == [3, 3, 3, 9]
    assert len(book) == 4


def test_every_fault_of_a_body_is_named_with_its_place() -> None:
    body: list[Any] = [
        {"phone": "1234"},
        {"phone": "16505550000", "payload": [1], "alowedTime": {}, "maxAttempts": 51},
        {"payload": {}},
        "16505550000",
        {"phone": "16505550000", "allowedTime": {"mon": [{"localTimeFrom": "9:00", "localTimeTo": "10:00"}]}},
        {"phone": "16505550000", "alowedTime": {}},
    ]
    found = [text.split(";")[0] for text in faults(body)]
    assert found == [
        '[0].phone: found "1234"',
        "[1].payload: found [1]",
        "[1].alowedTime: found an unknown field",
        "[1].maxAttempts: found 51",
        "[2].phone: found nothing",
        '[3]: found "16505550000"',
        '[4].allowedTime.mon[0].localTimeFrom: found "9:00"',
        "[5].alowedTime: found an unknown field",
    ]


@pytest.mark.parametrize("body", [None, {}, {"phone": "16505550000"}, "16505550000", 5])
def test_a_body_that_is_no_array_is_refused(body: object) -> None:
    assert "allowed: an array of numbers" in faults(body)[0]


def test_an_empty_list_is_refused() -> None:
    assert faults([]) == ["found an empty list; allowed: at least one number"]


def test_numbers_with_faults_stand_apart_from_those_without() -> None:
    numbers = read_values([{"phone": "12345"}, {"phone": "1"}, {"phone": "12346", "maxAttempts": 3}], Intake())
    assert numbers.given == 3
    assert numbers.positions.tolist() == [0, 2]
    assert [(number.position, number.number) for number in numbers.faulty] == [(1, b'{"phone":"1"}')]


def test_dates_that_do_not_agree_with_the_campaigns_are_a_fault_of_each_number() -> None:
    campaign = CallPolicy.from_json({"startDateTime": "2026-03-05T00:00:00Z"})
    early = {"phone": "12345", "finishDateTime": "2026-03-04T00:00:00Z"}
    numbers = read_values([early, {"phone": "12346"}, early], Intake((), campaign))
    assert [number.position for number in numbers.faulty] == [0, 2]
    assert "an instant after startDateTime, 2026-03-05T00:00:00Z" in str(numbers.faulty[1].faults[0])


def test_what_is_no_plain_value_is_a_fault_of_its_number() -> None:
    numbers = read_values([{"phone": "12345", "startDateTime": {1, 2}}, {"phone": "12346"}], Intake())
    assert numbers.positions.tolist() == [1]
    assert numbers.faulty[0].faults[0].path == (0, "startDateTime")


def test_a_number_is_kept_as_it_was_given_even_if_json_cannot_say_it() -> None:
    given = read_values([{"phone": "\ud800"}, {"phone": {1}}, {"phone": "12345"}], Intake()).faulty
    assert [number.number for number in given] == [b'{"phone": "\\ud800"}', b'{"phone":[1]}']


def test_policies_are_told_apart_by_type_and_not_by_order() -> None:
    body: list[Any] = [
        {"phone": "12345", "maxAttempts": 1, "gmtZone": "Z"},
        {"phone": "12346", "gmtZone": "Z", "maxAttempts": 1},
        {"phone": "12347", "maxAttempts": True, "gmtZone": "Z"},
        {"phone": "12348", "maxAttempts": 1.0, "gmtZone": "Z"},
        {"phone": "12349", "maxAttempts": 1.5, "gmtZone": "Z"},
    ]
    numbers = read_values(body, Intake())
    assert numbers.policies.tolist() == [0, 0, 0]
    assert [number.position for number in numbers.faulty] == [2, 4]


def test_payloads_are_asked_for_only_where_a_phone_stands_twice() -> None:
    asked: list[int] = []

    def payload_ids(rows: Rows, _: str | None = None, /) -> Rows:
        asked.extend(rows.tolist())
        return np.zeros(len(rows), np.int64)

    intake = Intake()
    for body in (
        [{"phone": "12345"}, {"phone": "12346"}, {"phone": "12347"}],
        [{"phone": "12348"}, {"phone": "12346"}],
    ):
        numbers = read_values(body, intake)._replace(payload_ids=payload_ids)
        intake.add(numbers, np.zeros(len(body), np.int64))
    assert len(intake.phonebook()) == 4
    assert asked == [1, 1]


def test_an_intake_remembers_few_faulty_policies_and_still_names_each_fault() -> None:
    intake = Intake()
    body = [{"phone": 16500000000, "maxAttempts": -number} for number in range(1, MOST_REFUSED + 100)]
    for _ in range(2):
        assert len(read_values(body, intake).faulty) == len(body)
    assert len(intake._refused) == MOST_REFUSED
