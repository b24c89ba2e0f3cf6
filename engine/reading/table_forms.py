"""Table forms: what a user says of how the file of a table is written."""

import msgspec

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How workbooks of Excel begin: the newer ones are ZIP archives."""


class TableForm(msgspec.Struct, frozen=True):
    """What a user says of how the file of a table is written; what is not said is found out."""

    encoding: str | None = None
    header: tuple[str, ...] = ()
    """The titles of a table that has none: its first row is data."""
    sheet: str | None = None
    """The sheet of an Excel file; its first one if none is named."""


AS_IT_IS = TableForm()
"""Nothing is said."""
