"""Plain values become typed ones, or every fault in them is named."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

import msgspec
import pytest
from msgspec import Meta

from engine.reading.faults import Fault, InputError
from engine.reading.typed import filled, json_schema, read
from engine.scenario.campaign import Campaign
from engine.scenario.document import Goal, ScenarioDocument


class Colour(str):
    """A leaf that reads itself."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {"type": "string", "description": "red or blue"}

    @classmethod
    def read(cls, value: object) -> Self:
        """The colour; InputError if it is none."""
        if value not in ("red", "blue"):
            raise InputError([Fault((), repr(value), "red or blue"), Fault(("deep",), "more", "less")])
        return cls(value)


class Wheel(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A struct inside another."""

    spokes: Annotated[int, Meta(ge=3, le=1_000)]
    tyre_width: Annotated[float, Meta(gt=0, lt=100)] = 2.5


class Cart(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A struct with a field of every kind that can be read."""

    name: str
    wheels: tuple[Wheel, ...] = ()
    colour: Colour | None = None
    loads: dict[str, int] = msgspec.field(default_factory=dict)
    open_top: bool = False
    size: Literal["small", "large"] = "small"
    axle: Wheel | int | None = None
    remarks: Any = None
    routes: Annotated[tuple[str, ...], Meta(min_length=1, description="a list of at least one route")] = ("home",)
    tags: Annotated[dict[str, str], Meta(min_length=1)] | None = None


class Span(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A struct with something to say about its fields together."""

    first_day: int
    last_day: int = 7
    label: str = ""

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """The fields it was asked about, and days in the wrong order."""
        yield Fault(("seen",), str(sorted(fields.items())), "")


@pytest.mark.parametrize("value", ["a", ["a", "b"], {"a": 1}])
def test_a_union_is_read_as_the_one_of_its_types_whose_shape_the_value_has(value: object) -> None:
    class Holder(msgspec.Struct, frozen=True):
        what: str | tuple[str, ...] | dict[str, int]

    holder, faults = read({"what": value}, Holder)
    assert not faults
    assert holder is not None
    assert holder.what == (tuple(value) if isinstance(value, list) else value)


def faults_of(value: object, kind: type = Cart) -> list[str]:
    result, faults = read(value, kind)
    assert result is None
    return [str(fault) for fault in faults]


def test_a_value_without_fault_becomes_its_type() -> None:
    cart, faults = read(
        {
            "name": "Bess",
            "wheels": [{"spokes": 12}, {"spokes": 3, "tyreWidth": 4}],
            "colour": "red",
            "loads": {"hay": 3},
            "openTop": True,
            "size": "large",
            "axle": {"spokes": 5},
            "remarks": [{"anything": None}],
            "routes": ["a", "b"],
            "tags": {"a": "b"},
        },
        Cart,
    )

    assert faults == []
    assert cart == Cart(
        name="Bess",
        wheels=(Wheel(spokes=12), Wheel(spokes=3, tyre_width=4.0)),
        colour=Colour("red"),
        loads={"hay": 3},
        open_top=True,
        size="large",
        axle=Wheel(spokes=5),
        remarks=[{"anything": None}],
        routes=("a", "b"),
        tags={"a": "b"},
    )


def test_what_is_left_out_has_its_default_each_time_anew() -> None:
    one, _ = read({"name": "a"}, Cart)
    other, _ = read({"name": "a"}, Cart)

    assert one == other == Cart(name="a")
    assert one is not None
    assert other is not None
    assert one.loads is not other.loads


def test_every_fault_is_named_at_once_from_the_outside_in() -> None:
    faults = faults_of(
        {
            "wheels": [{"spokes": 2}, {"spoke": 3}, 7],
            "colour": "green",
            "loads": {"hay": "much", "straw": 1, "oats": None},
            "openTop": 1,
            "size": "huge",
            "axle": "long",
            "routes": [],
            "tags": {},
        }
    )

    assert faults == [
        "name: found nothing; allowed: text",
        "wheels[0].spokes: found 2; allowed: an integer from 3 to 1,000",
        "wheels[1].spoke: found an unknown field; allowed: spokes, perhaps",
        "wheels[1].spokes: found nothing; allowed: an integer from 3 to 1,000",
        "wheels[2]: found 7; allowed: a mapping of spokes, tyreWidth",
        "colour: found 'green'; allowed: red or blue",
        "colour.deep: found more; allowed: less",
        'loads.hay: found "much"; allowed: an integer',
        "loads.oats: found null; allowed: an integer",
        "openTop: found 1; allowed: true or false",
        'size: found "huge"; allowed: large or small',
        'axle: found "long"; allowed: an integer',
        "routes: found []; allowed: a list of at least one route",
        "tags: found {}; allowed: a mapping",
    ]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", [None, 5, True, ["a"], {}]),
        ("wheels", [None, "a", 5, {}, {"0": {"spokes": 3}}]),
        ("loads", [None, [], "a", 5]),
        ("openTop", [None, 0, 1, "true", "yes", []]),
        ("size", [None, 5, "", "Small", ["small"], {}]),
        ("axle", [1.5, True, "5", []]),
        ("routes", [None, "home", {}]),
    ],
)
def test_a_value_of_another_type_is_never_bent_to_fit(field: str, values: list[object]) -> None:
    for value in values:
        (fault,) = faults_of({"name": "a", field: value})
        assert fault.startswith(f"{field}: found {json.dumps(value)}; allowed: ") or field == "name"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Annotated[int, Meta(ge=1)], [1, 1.0, 10**5_000], [0, -1, 1.5, math.nan, math.inf, True, "1", None]),
        (Annotated[int, Meta(ge=1, le=3)], [1, 3], [0, 4]),
        (Annotated[int, Meta(gt=1, lt=4)], [2, 3], [1, 4]),
        (Annotated[float, Meta(ge=0, le=1)], [0, 1, 0.5, 1.0], [-0.001, 1.001, 2, True, "0.5", None]),
        (Annotated[float, Meta(gt=0, lt=1)], [0.001, 0.999], [0, 1, 0.0, 1.0]),
        (float, [0, -1.5, 1e300], [math.inf, -math.inf, math.nan, 10**400, 10**5_000]),
        (bool, [True, False], [0, 1, None, "true"]),
        (str, ["", "a"], [None, 1, ["a"]]),
    ],
)
def test_a_number_must_be_one_and_within_its_bounds(kind: Any, good: list[object], bad: list[object]) -> None:
    assert [read(value, kind)[1] for value in good] == [[]] * len(good)
    assert [len(read(value, kind)[1]) for value in bad] == [1] * len(bad)


def test_an_integer_where_a_number_is_due_becomes_one() -> None:
    wheel, _ = read({"spokes": 3, "tyreWidth": 4}, Wheel)

    assert wheel is not None
    assert type(wheel.tyre_width) is float


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ({"spokes": 3, "tyreWidth": 0}, "a number above 0"),
        ({"spokes": 3, "tyreWidth": 100}, "a number above 0"),
        ({"spokes": 3.5}, "an integer from 3 to 1,000"),
    ],
)
def test_what_is_allowed_is_said_in_words(value: object, allowed: str) -> None:
    (fault,) = faults_of(value, Wheel)

    assert fault.endswith(f"; allowed: {allowed}")


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"spokes": 1}, "axle.spokes: found 1; allowed: an integer from 3 to 1,000"),
        ({}, "axle.spokes: found nothing; allowed: an integer from 3 to 1,000"),
        ("five", 'axle: found "five"; allowed: an integer'),
    ],
)
def test_the_shape_of_a_value_chooses_among_a_unions_types(value: object, fault: str) -> None:
    assert faults_of({"name": "a", "axle": value}) == [fault]


@pytest.mark.parametrize("value", [5, None, {"spokes": 3}])
def test_each_type_of_a_union_can_be_read(value: object) -> None:
    cart, faults = read({"name": "a", "axle": value}, Cart)

    assert faults == []
    assert cart is not None
    assert cart.axle == (Wheel(spokes=3) if value == {"spokes": 3} else value)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("open_top", "openTop, perhaps"),
        ("wheel", "wheels, perhaps"),
        ("color", "colour, perhaps"),
        ("zzz", "name, wheels, colour, loads, openTop, size, axle, remarks, routes, tags"),
    ],
)
def test_an_unknown_field_comes_with_the_nearest_name_or_with_all(name: str, allowed: str) -> None:
    assert faults_of({"name": "a", name: 1}) == [f"{name}: found an unknown field; allowed: {allowed}"]


def test_unknown_fields_are_named_in_their_own_order() -> None:
    faults = faults_of({"name": "a", **dict.fromkeys("zyxwv", 1)})

    assert [fault[0] for fault in faults] == list("zyxwv")


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ({"firstDay": 3}, [("first_day", 3), ("label", ""), ("last_day", 7)]),
        ({"firstDay": 3, "lastDay": 4}, [("first_day", 3), ("label", ""), ("last_day", 4)]),
        ({"firstDay": 3, "lastDay": "x"}, [("first_day", 3), ("label", "")]),
        ({"lastDay": 4, "label": 5}, [("last_day", 4)]),
        ({"firstDay": 3, "unknown": 1}, [("first_day", 3), ("label", ""), ("last_day", 7)]),
    ],
)
def test_faults_among_fields_are_sought_in_those_without_fault_and_in_defaults(
    value: dict[str, object], seen: list[tuple[str, object]]
) -> None:
    _, faults = read(value, Span)

    assert [fault.found for fault in faults if fault.path == ("seen",)] == [str(seen)]


def test_faults_among_fields_have_the_path_of_their_struct() -> None:
    _, faults = read({"a": [{"firstDay": 3}]}, dict[str, tuple[Span, ...]])

    assert [fault.path for fault in faults] == [("a", 0, "seen")]


def test_no_faults_among_fields_are_sought_in_what_is_no_struct() -> None:
    _, faults = read(5, Span)

    assert [str(fault) for fault in faults] == ["found 5; allowed: a mapping of firstDay, lastDay, label"]


@pytest.mark.parametrize("confidence", [0, 1, 1.0, 1.5, -0.1])
def test_a_bound_that_is_no_value_itself_is_refused(confidence: float) -> None:
    assert faults_of({"reached": 0.5, "confidence": confidence}, Goal) == [
        f"confidence: found {json.dumps(confidence)}; allowed: a probability between 0 and 1"
    ]


@pytest.mark.parametrize("kind", [Cart, Span, Campaign, ScenarioDocument])
def test_a_schema_is_a_json_schema_in_which_every_reference_leads_somewhere(kind: type) -> None:
    schema = json.loads(json.dumps(json_schema(kind), allow_nan=False))

    references = {part["$ref"] for part in _parts(schema) if isinstance(part.get("$ref"), str)}
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert references == {f"#/$defs/{name}" for name in schema["$defs"]}


def _parts(schema: object) -> Iterable[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _parts(part)


def test_a_schema_says_of_a_leaf_what_the_leaf_says_of_itself() -> None:
    schema = json_schema(Cart)

    properties = schema["$defs"]["Cart"]["properties"]
    assert Colour.json_schema in properties["colour"]["anyOf"]
    assert properties["openTop"] == {"type": "boolean", "default": False}
    assert schema["$defs"]["Cart"]["required"] == ["name"]


# Defaults written out


def test_fields_left_out_get_their_defaults_in_plain_values() -> None:
    assert filled({"name": "a"}, Cart) == {
        "name": "a",
        "wheels": [],
        "colour": None,
        "loads": {},
        "openTop": False,
        "size": "small",
        "axle": None,
        "remarks": None,
        "routes": ["home"],
        "tags": None,
    }


def test_defaults_are_filled_in_at_every_level() -> None:
    value = {"name": "a", "wheels": [{"spokes": 4}], "axle": {"spokes": 5}}
    cart = filled(value, Cart)
    assert cart["wheels"] == [{"spokes": 4, "tyreWidth": 2.5}]
    assert cart["axle"] == {"spokes": 5, "tyreWidth": 2.5}
    assert value == {"name": "a", "wheels": [{"spokes": 4}], "axle": {"spokes": 5}}


def test_what_was_given_stays_with_the_order_of_its_keys() -> None:
    given = {"name": "a", "loads": {"z": 1, "a": 2}, "colour": "red", "axle": 5, "remarks": {"spokes": None}}
    cart = filled(given, Cart)
    assert {name: cart[name] for name in given} == given
    assert list(cart["loads"]) == ["z", "a"]


def test_a_value_with_its_defaults_reads_as_without_them() -> None:
    value = {"name": "a", "wheels": [{"spokes": 4}]}
    assert read(filled(value, Cart), Cart) == read(value, Cart)
