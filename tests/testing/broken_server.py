"""`dialer serve` with a bug: a retry interval counts from the start of a call, and not from its end."""

from engine.cli import main
from engine.dialing import live
from engine.dialing.reference import Number, ReferenceDialer


class FromTheStart(ReferenceDialer):
    """The reference engine with the bug."""

    def _schedule(self, number: Number, due: int, instant: int) -> None:
        super()._schedule(number, max(instant, due - number.last_seconds), instant)


vars(live)["ReferenceDialer"] = FromTheStart
main()
