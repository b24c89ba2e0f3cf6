"""Forms: what a user says of how a call log is written."""

from typing import Literal

import msgspec


class LogForm(msgspec.Struct, frozen=True, kw_only=True):
    """How a call log is written; what is not said is found out, or taken as the documentation of `fit` says."""

    columns: dict[str, str] = {}
    """The titles of the columns of fields, where these differ."""
    outcomes: dict[str, str] = {}
    """What words of the log mean: outcomes by word."""
    layout: str | None = None
    """The name of the layout of a system's export, which says the same of many columns and words."""
    zone: str | None = None
    """The zone of the customers' clocks: instants with an offset are converted to it, local times stay as they are."""
    encoding: str | None = None
    """The encoding of a CSV file that is neither UTF-8 nor has a byte order mark."""
    header: tuple[str, ...] = ()
    """The titles of a table that has none: its first row is data."""
    sheet: str | None = None
    """The sheet of an Excel file; its first one if none is named."""
    decimal: Literal[",", "."] | None = None
    """The mark before decimals of seconds; the other one is between thousands."""
    milliseconds: bool = False
    """Whether the column of seconds holds milliseconds."""
    seconds: dict[str, float] = {}
    """By outcome: how many seconds its calls last where the log does not say."""
    start_format: str | None = None
    """The format of starts, in the directives of `datetime.strptime`."""
    call_id: str | None = None
    """The title of a column that is equal for the legs of one call: they are folded into one."""
    skip_faulty: bool = False
    """Whether faulty calls are left out and counted; otherwise they are faults of the log."""


AS_IT_IS = LogForm()
"""Nothing is said."""
