"""Rule sets: what a law or a code of conduct lets callers do, in the words of a scenario, with its source and dates."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple, Self

import msgspec
from msgspec import Meta

from engine.calling.caps import Cap
from engine.calling.closed_dates import ClosedDates, LocalDate
from engine.calling.rule_hours import DAY_BEFORE, HOLIDAY, RuleHours, RuleTime, rule_hours
from engine.reading.document import parse_document, read_document
from engine.reading.faults import Fault, InputError, shown
from engine.reading.typed import near, read

ENDINGS = (".yaml", ".yml", ".json")
"""What the name of a file with a rule set ends in."""
_REGION = re.compile("[A-Z]{2}|US-[A-Z]{2}")


class Region(str):
    """A country (ISO 3166-1) or a state of the US (ISO 3166-2), whose phones tell it."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "pattern": f"^({_REGION.pattern})$",
        "description": "a country such as FR, or a state of the US such as US-FL",
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """The region of its code; InputError for anything else."""
        if isinstance(value, str) and _REGION.fullmatch(value):
            return cls(value)
        raise InputError([Fault((), shown(value), cls.json_schema["description"])])


class RuleSet(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A rule set as its file says it."""

    title: str
    source: str
    """Where its text stands."""
    sure: str
    """How sure we are of what it says, in words."""
    from_: LocalDate | None = msgspec.field(default=None, name="from")
    """The first local date of a call on which it is in force; None if that is not known: it holds on all dates."""
    until: LocalDate | None = None
    """The last such date; None if it goes on."""
    where: tuple[Region, ...] = ()
    """Whose phones it holds for, if sets are found by phone."""
    only_if: str = ""
    """To whom alone it applies; then no phone tells that it holds, and the user has to name it."""
    remark: str = ""
    consent_from: LocalDate | None = None
    """From this local date on calls need a consent, which no list and no log shows."""
    allowed_time: RuleTime | None = None
    holidays: ClosedDates = ClosedDates()
    """What counts as a holiday for its `allowedTime`."""
    closed_dates: ClosedDates = ClosedDates()
    caps: Annotated[tuple[Cap, ...], Meta(description="a list of {atMost, hours or days}")] = ()

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """A set that says nothing, dates in the wrong order, holidays without hours for them or the other way round."""
        first, last = fields.get("from_"), fields.get("until")
        if first is not None and last is not None and last < first:
            yield Fault(("until",), last.to_json(), f"a date from {first.to_json()} on, which is its from")
        names = {"allowed_time": "allowedTime", "closed_dates": "closedDates", "caps": "caps"}
        if names.keys() <= fields.keys() and not any(fields[name] for name in names):
            yield Fault((), "no rule", "at least one of " + ", ".join(names.values()))
        if {"allowed_time", "holidays"} <= fields.keys():
            time = fields["allowed_time"]
            special = time is not None and (time.holiday is not None or time.day_before is not None)
            if special and not fields["holidays"]:
                allowed = f"a list such as [{{holidays: FR}}], for allowedTime has {HOLIDAY} or {DAY_BEFORE}"
                yield Fault(("holidays",), "nothing", allowed)
            elif fields["holidays"] and not special:
                allowed = f"closedDates, if nobody is called on them; or {HOLIDAY} or {DAY_BEFORE} in allowedTime"
                yield Fault(("holidays",), "holidays for which allowedTime has no hours", allowed)

    @property
    def hours(self) -> RuleHours:
        """When it lets calls start."""
        return rule_hours(self.allowed_time, self.holidays, self.closed_dates)

    def to_json(self) -> dict[str, Any]:
        """The plain value that reads as this set; what is left out or empty is not in it."""
        fields: dict[str, Any] = _plain(self)
        return fields


def _plain(value: Any) -> Any:
    """A part of a rule set as a plain value."""
    if isinstance(value, (LocalDate, RuleTime)):
        return value.to_json()
    if isinstance(value, msgspec.Struct):
        fields = ((field, getattr(value, field.name)) for field in msgspec.structs.fields(value))
        return {field.encode_name: _plain(each) for field, each in fields if each != _default(field)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, str) else value


def _default(field: Any) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


class NamedRules(NamedTuple):
    """A rule set with the name by which it was asked for: that of a built-in one, or that of a file."""

    name: str
    rules: RuleSet

    @property
    def document(self) -> dict[str, Any]:
        """What it is and how sure we are of it, as plain values."""
        return {"name": self.name, "title": self.rules.title, "source": self.rules.source, "sure": self.rules.sure}


def built_in_names() -> list[str]:
    """The names of the built-in rule sets, in order."""
    return sorted(_files())


@cache
def built_in(name: str) -> RuleSet:
    """A built-in rule set; KeyError if there is none of this name."""
    document = parse_document(_files()[name], name, json_text=False)
    rules, faults = read(document.value, RuleSet)
    if rules is None:
        raise InputError(document.located(fault) for fault in faults)
    return rules


def rules_named(names: Iterable[str], folder: Path = Path()) -> list[NamedRules]:
    """The rule sets of names, each once: a built-in name, or the path of a file from `folder` on.

    A file has the name before its ending, or its whole path if another set has that name.
    Raises InputError with every fault of all of them; a fault of a name has its position as its path.
    """
    found: list[NamedRules] = []
    faults: list[Fault] = []
    for index, name in enumerate(dict.fromkeys(names)):
        try:
            each = _named(name, folder)
            used = [*_files(), *(other.name for other in found)]
            found.append(each if each.name == name or each.name not in used else each._replace(name=name))
        except InputError as error:
            faults += [each if each.file is not None else each.under(index) for each in error.faults]
    if faults:
        raise InputError(faults)
    return found


def _named(name: str, folder: Path) -> NamedRules:
    if name in _files():
        return NamedRules(name, built_in(name))
    path = Path(name)
    if path.suffix.lower() not in ENDINGS:
        guess = near(name, built_in_names())
        allowed = f"{guess}; or " if guess else ""
        others = f"one of {', '.join(built_in_names())}, or a file whose name ends in .yaml"
        raise InputError([Fault((), f"the rule set {shown(name)}", allowed + others)])
    try:
        document = read_document(folder / path)
    except OSError as error:
        raise InputError([Fault((), str(error.strerror), "a file with a rule set", str(folder / path))]) from None
    rules, faults = read(document.value, RuleSet)
    if rules is None:
        raise InputError(document.located(fault) for fault in faults)
    return NamedRules(path.stem, rules)


@cache
def _files() -> dict[str, bytes]:
    """The texts of the built-in rule sets by name."""
    files = resources.files("engine.calling").joinpath("rules").iterdir()
    return {file.name.removesuffix(".yaml"): file.read_bytes() for file in files if file.name.endswith(".yaml")}


class Rules(tuple[NamedRules, ...]):
    """The rule sets that a campaign keeps to, as a scenario names them: built-in ones by name, others in full."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {
        "type": "array",
        "items": {"type": ["string", "object"]},
        "description": "a list of names such as us-fl (dialer audit --list), and of rule sets in full",
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """The rule sets of a list; InputError with every fault in it."""
        if not isinstance(value, list | tuple):
            raise InputError([Fault((), shown(value), cls.json_schema["description"])])
        faults: list[Fault] = []
        found: list[NamedRules] = []
        for index, each in enumerate(value):
            if isinstance(each, dict):
                rules, wrong = read(each, RuleSet)
                faults += [fault.under(index) for fault in wrong]
                found += [] if rules is None else [NamedRules(rules.title, rules)]
            elif isinstance(each, str) and each in _files():
                found.append(NamedRules(each, built_in(each)))
            else:
                guess = near(each, built_in_names()) if isinstance(each, str) else None
                others = f"one of {', '.join(built_in_names())}, or a rule set in full"
                faults.append(Fault((index,), shown(each), f"{guess}; or {others}" if guess else others))
        if faults:
            raise InputError(faults)
        return cls(found)
