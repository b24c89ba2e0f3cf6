"""Job policies: the call policies that the series of a live dialer's jobs may have, of plain values."""

from collections.abc import Iterator

from engine.calling.closed_dates import ClosedDates
from engine.calling.policy import CallPolicy
from engine.customers.outcomes import MOST_REDIAL_ATTEMPTS
from engine.testing.clocks import Fields

_WHEN = ("startDateTime", "finishDateTime", "allowedDays", "allowedTime", "gmtZone")
_TERMS = ("dialerPriority", "maxAttempts")


class JobPolicies:
    """What is known of the policies of jobs: where luck has drawn a segment or a redial, a series may have several."""

    def __init__(self, scenario: Fields) -> None:
        self._campaign: Fields = scenario["campaign"]
        self._segments: list[Fields] = [{}, *(scenario.get("segments") or ())]
        self._redials = [rule for outcome in scenario["outcomes"].values() for rule in outcome.get("redials") or ()]
        self._closed = ClosedDates.read(self._campaign.get("closedDates") or [])
        self.listed = [number for part in scenario["numbers"] for number in part["addPhones"]]
        """The numbers of the scenario's own list."""
        self.added: dict[int, Fields] = {}
        """What was added for each job that a user has added."""
        self.asked: dict[int, list[Fields]] = {}
        """The redials that were asked for each job."""
        self.begun_by: dict[tuple[int, int], Fields] = {}
        """By job and number of the redial: what was asked, where that began the series at once."""

    def of(self, job: int, phone: str, redial: int) -> Iterator[Fields]:
        """All policies that a series may have: that of an addition, or of its redial from 1 on."""
        known = self.added.get(job)
        owns = [known] if known else [each for each in self.listed if str(each["phone"]).lstrip("+") == phone]
        redials = [*self._redials, *self.asked.get(job, ())] if redial else [{}]
        if (job, redial) in self.begun_by:
            redials = [self.begun_by[job, redial]]
        for own in owns:
            for segment in self._segments:
                for brought in redials:
                    merged: Fields = {}
                    for level in (self._campaign, segment, own, brought):
                        given = [name for name in (*_WHEN, *_TERMS) if level.get(name) not in (None, [])]
                        merged |= {name: level[name] for name in given}
                    if redial and "startDateTime" not in brought:
                        merged.pop("startDateTime", None)
                    yield merged

    def terms_of(self, job: int, phone: str, redial: int) -> set[tuple[int, int]]:
        """The priorities that a series may have, each with the most calls that the series may have then."""
        found = set()
        for fields in self.of(job, phone, redial):
            policy = CallPolicy.from_json({name: fields[name] for name in _TERMS if name in fields})
            found.add((policy.priority, min(policy.attempts, MOST_REDIAL_ATTEMPTS) if redial else policy.attempts))
        return found

    def opens(self, job: int, phone: str, redial: int, instant: int) -> Iterator[bool]:
        """Whether each policy that a series may have lets a call begin at an instant."""
        for fields in self.of(job, phone, redial):
            if fields.get("startDateTime", "") >= fields.get("finishDateTime", "~"):
                yield False
            else:
                yield bool(CallPolicy.from_json(fields).open_windows(instant, instant + 1, self._closed))

    def lines_at(self, instant: int) -> int:
        """The lines of the campaign at an instant, by its shifts."""
        if self._campaign.get("lines"):
            return int(self._campaign["lines"])
        lines = 0
        for shift in self._campaign["shifts"]:
            fields: Fields = {"gmtZone": self._campaign.get("gmtZone"), "allowedDays": shift.get("days")}
            if shift.get("from") is not None:
                fields["allowedTime"] = {"default": [{"localTimeFrom": shift["from"], "localTimeTo": shift["to"]}]}
            if CallPolicy.from_json(fields).open_windows(instant, instant + 1):
                lines += shift["lines"]
        return lines
