"""The register of a running dialer accepts what a list that is known as a whole accepts."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine import Scenario
from engine.numbers.formats.bodies import read_values
from engine.numbers.intake import Intake
from engine.numbers.register import Register
from engine.testing.strategies import Fields
from tests.numbers.test_duplicates import lists_over_days


@given(lists_over_days(), st.data())
def test_in_any_split_it_makes_the_phonebook_of_the_whole(days: Fields, data: st.DataObject) -> None:
    whole = Scenario.from_document(days)
    intake = Intake(whole.document.segments, whole.document.campaign)
    register = Register(intake)
    order = sorted(range(len(days["numbers"])), key=lambda part: whole.document.numbers[part].added or ())
    for part in order:
        body: list[Any] = days["numbers"][part]["addPhones"]
        (added, *_) = whole.document.numbers[part].added or (whole.document.start,)
        while body:
            count = data.draw(st.integers(1, len(body)))
            intake.add(read_values(body[:count], intake), np.full(count, added, np.int64))
            accepted = register.accept(intake.take_additions())
            assert int(accepted.mask.sum()) == len(accepted.phonebook)
            body = body[count:]

    book = register.phonebook()
    assert book.identities.tolist() == whole.phonebook.identities.tolist()
    assert book.added.tolist() == whole.phonebook.added.tolist()
    assert book.segments.tolist() == whole.phonebook.segments.tolist()
    assert (book.duplicates, book.changed_priorities) == (
        whole.phonebook.duplicates,
        whole.phonebook.changed_priorities,
    )
    assert [book.distinct[place] for place in book.policies] == [
        whole.phonebook.distinct[place] for place in whole.phonebook.policies
    ]


def test_before_anything_was_added_the_phonebook_is_empty() -> None:
    assert len(Register(Intake()).phonebook()) == 0
