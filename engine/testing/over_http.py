"""A dialer behind an address that speaks the Calls API, held against the reference engine over its simulated clock."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

import httpx

from engine.calling.instants import unix_seconds, utc_text
from engine.scenario.scenario import Scenario
from engine.server.default_campaign import default_campaign
from engine.server.tokens import DOCUMENTED
from engine.testing.differences import told
from engine.testing.protocol import Fields, SchedulerError
from engine.testing.reference_calls import ReferenceRun, reference_run

CAMPAIGNS = "/api/calls/campaign/"
_PAGE_SIZE, _MOST_PAGES = 200, 200
_LONGEST_SHOWN = 500
_PLAYED = ("start", "finish", "seed", "campaign", "outcomes", "answering", "segments")
"""What of a scenario decides its calls, beside the list."""


class _Call(NamedTuple):
    """A call that the address reports."""

    start: int
    """Unix seconds."""
    phone: str
    seconds: int | None
    """None while it goes on."""
    outcome: str | None


class AnAddress:
    """A campaign of a dialer that answers the Calls API, and four methods of a simulated clock beside it."""

    def __init__(
        self,
        address: str,
        scenario: Scenario | Mapping[str, Any] | str | PathLike[str] | None,
        time_limit: float,
    ) -> None:
        """`address`: `http://host:port`, for the token of the documentation, or that of a campaign.

        `scenario` is what the address plays; the default campaign of `dialer serve` if it is None. `time_limit`:
        seconds for each answer. Raises ScenarioError with every fault, and ValueError if the scenario has numbers.
        """
        parts = urlsplit(address)
        path = parts.path.rstrip("/")
        if parts.scheme not in ("http", "https") or not parts.netloc or not (not path or path.startswith(CAMPAIGNS)):
            allowed = f"http://host:port, or http://host:port{CAMPAIGNS}TOKEN; a command is a list of words"
            raise ValueError(f"found the scheduler {address!r}; allowed: {allowed}")
        self._calls_at = CAMPAIGNS + (path.removeprefix(CAMPAIGNS) or DOCUMENTED)
        self._client = httpx.Client(base_url=f"{parts.scheme}://{parts.netloc}", timeout=time_limit)
        self.scenario = self._scenario(scenario)
        """What the address plays, with an empty list."""
        if len(self.scenario.phonebook):
            raise ValueError("the scenario of an address has numbers; allowed: numbers: [], for the kit adds them")

    def _scenario(self, given: Scenario | Mapping[str, Any] | str | PathLike[str] | None) -> Scenario:
        if given is None:
            return Scenario.from_document(default_campaign(self._reset()))
        if isinstance(given, Scenario):
            return given
        return Scenario.from_document(dict(given)) if isinstance(given, Mapping) else Scenario.load(Path(given))

    @property
    def document(self) -> Fields:
        """What of the scenario decides its calls, as plain values."""
        return {name: self.scenario.source[name] for name in _PLAYED if name in self.scenario.source}

    def hold(self, document: Fields) -> None:
        """Play a scenario that differs in its list alone; AssertionError for the first difference."""
        run = reference_run(document)
        self._compare(run, document, self._played(run, document))

    def _played(self, run: ReferenceRun, document: Fields) -> list[_Call]:
        begins = self._reset()
        if begins != run.start:
            raise SchedulerError(
                f"the address begins at {utc_text(begins)}, the scenario at {utc_text(run.start)}; start it with this"
                " scenario, or give check_against_reference the one that it plays"
            )
        parts = [
            (unix_seconds(part.get("added", document["start"])), part["addPhones"]) for part in document["numbers"]
        ]
        for instant, body in sorted(parts, key=lambda part: part[0]):
            self._advance(instant)
            self._asked("POST", f"{self._calls_at}/addPhones", body)
        self._advance(run.finish)
        return list(self._calls())

    def _compare(self, run: ReferenceRun, document: Fields, made: list[_Call]) -> None:
        wanted: defaultdict[int, list[int]] = defaultdict(list)
        luck: defaultdict[tuple[int, str], list[tuple[int | None, str | None]]] = defaultdict(list)
        for call in run.calls:
            wanted[call.start].append(call.number)
            luck[call.start, self._phone(run, call.number)].append((call.seconds, call.outcome))
        found: defaultdict[int, list[_Call]] = defaultdict(list)
        for each in made:
            found[each.start].append(each)
        for now in sorted({*wanted, *found}):
            phones = Counter(self._phone(run, number) for number in wanted.get(now, ()))
            if phones != Counter(each.phone for each in found.get(now, ())):
                answered = self._numbers(run, wanted.get(now, []), found.get(now, []))
                raise AssertionError(told(run, document, now, wanted.get(now, []), answered, None))
            for each in found[now]:
                ours = luck[now, each.phone]
                if each.seconds is not None and (each.seconds, each.outcome) not in ours:
                    raise SchedulerError(
                        f"the call to +{each.phone} at {utc_text(now)} comes to {each.outcome} after {each.seconds} s"
                        f" at the address, to {ours[0][1]} after {ours[0][0]} s here: their luck differs; give both a"
                        " scenario with one outcome of one length, or our server the same seed"
                    )

    @staticmethod
    def _phone(run: ReferenceRun, number: int) -> str:
        phone: str = run.additions[number][1]["phone"]
        return phone

    def _numbers(self, run: ReferenceRun, wanted: list[int], made: list[_Call]) -> list[int]:
        """The ids of the numbers that were called: the wanted ones of a phone if there are any, else its first."""
        left, found = [*wanted], []
        for call in made:
            known = [number for number in [*left, *run.rows] if self._phone(run, number) == call.phone]
            if not known:
                raise SchedulerError(f"the address calls +{call.phone} at {utc_text(call.start)}, which was not added")
            found.append(known[0])
            if known[0] in left:
                left.remove(known[0])
        return found

    # What is asked

    def _reset(self) -> int:
        """Go back to the start; the instant of the clock there."""
        self._asked("POST", "/simulation/reset")
        clock = self._asked("GET", "/simulation/clock")
        try:
            return unix_seconds(clock["instant"])
        except (KeyError, TypeError, ValueError):
            raise SchedulerError(f"the clock of the address is {clock!r}; it has an instant, ISO 8601") from None

    def _advance(self, to: int) -> None:
        self._asked("POST", "/simulation/advance", {"to": utc_text(to)})

    def _calls(self) -> Iterator[_Call]:
        """Every call that it has begun, in order."""
        for page in range(_MOST_PAGES):
            body = {"page": page, "pageSize": _PAGE_SIZE}
            answer = self._asked("POST", f"{self._calls_at}/callAttempt/getReportByDate", body)
            try:
                items = answer["items"]
                yield from (
                    _Call(
                        each["startedAt"] // 1000,
                        str(each["phone"]).lstrip("+"),
                        each["callDuration"],
                        each["callResult"],
                    )
                    for each in items
                )
            except (KeyError, TypeError, AttributeError):
                raise SchedulerError(f"the report of calls is {answer!r}; it has items, each a report") from None
            if len(items) < _PAGE_SIZE:
                return

    def _asked(self, method: str, path: str, body: object = None) -> Any:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise SchedulerError(f"{method} {path}: the address does not answer ({error})") from error
        if not answer.is_success:
            raise SchedulerError(f"{method} {path}: {answer.status_code}, {answer.text[:_LONGEST_SHOWN]}")
        try:
            return answer.json()
        except ValueError:
            raise SchedulerError(f"{method} {path}: {answer.text[:_LONGEST_SHOWN]!r} is not JSON") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
