"""Faults of forms: what is wrong with what a user says of a number file, before it is read."""

from collections.abc import Iterator

from engine.numbers.formats.forms import FileForm
from engine.reading.faults import Fault


def faults_in(form: FileForm) -> Iterator[Fault]:
    """What is wrong with what a user says of a file, by itself."""
    if form.columns or form.country is not None:
        from engine.numbers.formats.columns import form_faults  # loads polars

        yield from form_faults(form)
