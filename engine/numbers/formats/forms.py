"""Forms: what a user says of how a number file is written."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from engine.reading.faults import Fault
from engine.reading.table_forms import TableForm

OtherColumns = Literal["payload", "ignore"]
"""What becomes of columns that are no field: fields of the payload, or nothing."""
Columns = Mapping[str, str | Sequence[str]]
"""Fields with the titles of their columns, where these differ; a phone may be made of several columns."""


class FileForm(TableForm, frozen=True, kw_only=True):
    """How a number file is written, as far as a user says it."""

    columns: Columns = MappingProxyType({})
    other_columns: OtherColumns | None = None
    country: str | None = None
    """The country in which people wrote the phones, two letters."""


AS_IT_IS = FileForm()
"""Nothing is said."""


def faults_in(form: FileForm) -> Iterator[Fault]:
    """What is wrong with what a user says of a file, by itself."""
    if form.columns or form.country is not None:
        from engine.numbers.formats.columns import form_faults  # loads polars

        yield from form_faults(form)
