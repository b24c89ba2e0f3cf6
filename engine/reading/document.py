"""YAML and JSON text: read into plain values with their lines, or written from plain values.

Scenario files follow YAML 1.2's core schema, so that a file means what it seems to mean. `10:00` is text and not 600
minutes. `no` is text and not false. An instant is text and keeps its offset. Digits after a leading zero are text, as
in a phone. Keys of mappings are always text, as in JSON. A key given twice, an alias that expands without bounds and
a Python tag are faults.
"""

import json
import re
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any, NoReturn

import msgspec
import yaml

from engine.reading.contents import STANDARD_INPUT, note_any_file, stored_bytes
from engine.reading.faults import Fault, InputError, Path, shown
from engine.reading.json_values import Lines, NotJsonError, json_value, lines_of
from engine.reading.names import visible, visible_json

MOST_VALUES = 1_000_000
"""How many values a YAML document may hold once its aliases are expanded."""
MOST_CHARACTERS_WITH_LINES = 2_000_000
"""The faults of a longer JSON text have a path but no line: searching for lines would take too long."""
MOST_YAML_CHARACTERS = 8_000_000


class Document:
    """A text that was read: its plain `value`, and the line of any path inside it."""

    def __init__(self, name: str, text: str, value: Any, root: yaml.Node | None = None) -> None:
        self.name = name
        self.value = value
        self.replaced: tuple[Path, ...] = ()
        """Paths at which `value` has something else than the text."""
        self._text = text
        self._root = root
        self._pairs_of: dict[int, dict[str | int, tuple[yaml.Node, yaml.Node]]] = {}

    @cached_property
    def _json_lines(self) -> Lines | None:
        return lines_of(self._text) if 0 < len(self._text) <= MOST_CHARACTERS_WITH_LINES else None

    def line(self, path: Path) -> int | None:
        """The line, from 1, of the value at `path`, or of the innermost value around it that exists."""
        node = self._root
        if node is None:
            return self._json_lines.of(path) if self._json_lines else None
        line: int = node.start_mark.line + 1
        for step in path:
            if isinstance(node, yaml.MappingNode):
                pair = self._pairs(node).get(step)
                if pair is None:
                    return line
                line = pair[0].start_mark.line + 1
                node = pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                return line
        return line

    def _pairs(self, node: yaml.MappingNode) -> dict[str | int, tuple[yaml.Node, yaml.Node]]:
        """The pairs of a mapping by key: each mapping is gone through once, however many faults it has."""
        pairs = self._pairs_of.get(id(node))
        if pairs is None:
            pairs = self._pairs_of[id(node)] = {key.value: (key, value) for key, value in node.value if _is_text(key)}
        return pairs

    def located(self, fault: Fault) -> Fault:
        """The fault with this document's name and line, unless it names a file of its own or is one of `replaced`."""
        if fault.file is not None or any(fault.path[: len(path)] == path for path in self.replaced):
            return fault
        return msgspec.structs.replace(fault, file=self.name, line=self.line(fault.path))


def read_document(path: FilePath) -> Document:
    """Read a whole JSON (`.json`) or YAML file, or standard input; an InputError says why it cannot be used."""
    name = "standard input" if path == FilePath(STANDARD_INPUT) else str(path)
    try:
        return parse_document(stored_bytes(path, name), name, json_text=path.suffix == ".json")
    except InputError:
        note_any_file()
        raise


def parse_document(data: bytes, name: str, *, json_text: bool) -> Document:
    """The document in `data`; faults call it `name`."""

    def fail(found: str, allowed: str, line: int | None = None) -> NoReturn:
        raise InputError([Fault((), found, allowed, name, line)]) from None

    kind = "JSON" if json_text else "YAML or JSON"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fail(f"a byte that is not UTF-8 at position {error.start}", f"{kind} text in UTF-8")
    if not text.strip():
        fail("an empty file", f"{kind} text")
    if json_text:
        try:
            return Document(name, text, json_value(text))
        except NotJsonError as error:
            fail(str(error), "JSON", error.line)
        except RecursionError:
            fail("values nested too deep", "JSON nested less than 500 deep")
    if len(text) > MOST_YAML_CHARACTERS:
        fail(
            f"{len(text):,} characters of YAML",
            f"at most {MOST_YAML_CHARACTERS:,}; long lists go in files of their own",
        )
    try:
        root = _compose(text)
        return Document(name, text, _Values(name).plain(root), root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        fail(f"text that is not YAML ({error.problem or error.context})", kind, mark.line + 1 if mark else None)
    except yaml.YAMLError as error:
        fail(f"text that is not YAML ({str(error).splitlines()[0]})", kind)
    except RecursionError:
        fail("values nested too deep", "YAML nested less than 200 deep")


def parse_value(text: str) -> Any:
    """The value of a text that a scenario file could hold, for `--set`: `400`, `10:00`, `[mon, tue]`."""
    return parse_document(text.encode("utf-8", "surrogateescape"), "the value", json_text=False).value


def yaml_text(value: object) -> str:
    """Plain values as YAML that reads back as the same values, also where a reader follows YAML 1.1.

    What cannot be seen in a text is an escape of YAML's, which has those of Python in the double quotes around it.
    """
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=112)
    return "\n".join(map(visible, text.split("\n")))


def json_text(value: object) -> str:
    """Plain values as indented JSON that is valid UTF-8, in which what cannot be seen is an escape."""
    return visible_json(json.dumps(value, indent=2, ensure_ascii=False))


def _is_text(key: yaml.Node) -> bool:
    return isinstance(key, yaml.ScalarNode)


class _CoreLoader(yaml.SafeLoader):
    """PyYAML with the scalars of YAML 1.2's core schema, and `1_000_000` as people write it."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's own attribute)


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same with libyaml, where PyYAML was built with it: it is some ten times as fast, and says less of faults."""

    yaml_implicit_resolvers = _CoreLoader.yaml_implicit_resolvers


_INTEGER = re.compile(r"[-+]?(?:0|[1-9](?:_?[0-9])*)\Z")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z|[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z"
)
for _tag, _pattern, _first in (
    ("null", re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]),
    ("bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")),
    ("int", _INTEGER, list("-+0123456789")),
    ("float", _FLOAT, list("-+.0123456789")),
    ("merge", re.compile(r"<<\Z"), ["<"]),
):
    _CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", _pattern, _first)


class _Dumper(yaml.SafeDumper):
    """PyYAML, quoting each text that the core schema or PyYAML's own YAML 1.1 would not read as text."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 (PyYAML asks so)
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        # Only double quotes keep every character: elsewhere a line break such as U+0085 is read as a blank.
        return self.represent_scalar("tag:yaml.org,2002:str", str(text), None if text.isprintable() else '"')


for _first_character, _resolvers in _CoreLoader.yaml_implicit_resolvers.items():
    for _tag, _pattern in _resolvers:
        _Dumper.add_implicit_resolver(_tag, _pattern, [_first_character])
_Dumper.add_representer(str, _Dumper.represent_text)
# Values made in Python may be of a subclass, such as numpy's float64.
_Dumper.add_multi_representer(str, _Dumper.represent_text)
_Dumper.add_multi_representer(int, lambda dumper, value: dumper.represent_int(int(value)))
_Dumper.add_multi_representer(float, lambda dumper, value: dumper.represent_float(float(value)))


def _compose(text: str) -> yaml.Node:
    """The node graph of a text; what libyaml refuses is read by PyYAML itself, which says what is wrong."""
    try:
        return _composed(text, _FastLoader)
    except (yaml.YAMLError, RecursionError):
        return _composed(text, _CoreLoader)


def _composed(text: str, loader_of: type[yaml.SafeLoader]) -> yaml.Node:
    loader = loader_of(text)
    try:
        node = loader.get_single_node()
    except (ValueError, OverflowError):  # "\U00110000", or `%YAML` with a version of thousands of digits
        raise yaml.MarkedYAMLError(problem="a number out of range", problem_mark=loader.get_mark()) from None
    finally:
        loader.dispose()
    if node is None:
        raise yaml.YAMLError("nothing but comments")
    return node


class _Values:
    """Plain values of a node graph, whose aliases may share nodes or even contain themselves."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._left = MOST_VALUES
        self._open: set[int] = set()

    def plain(self, node: yaml.Node) -> Any:
        self._left -= 1
        if self._left < 0:
            self._fail(node, "aliases that expand without end", f"at most {MOST_VALUES:,} values")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self._open:
            self._fail(node, "an alias that contains itself", "aliases of earlier values")
        if node.tag not in ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            self._fail(node, f"the tag {node.tag}", "plain YAML without tags")
        self._open.add(id(node))
        value = self._mapping(node) if isinstance(node, yaml.MappingNode) else [self.plain(item) for item in node.value]
        self._open.discard(id(node))
        return value

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        sources: list[dict[str, Any]] = []
        own: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._fail(key, "a key that is a list or a mapping", "text")
            if key.tag == "tag:yaml.org,2002:merge":
                for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    if not isinstance(source, yaml.MappingNode):
                        self._fail(source, "a merge of something that is not a mapping", "<<: *anchor of a mapping")
                    sources.append(self.plain(source))
            elif key.value in own:
                self._fail(key, f"the key {shown(key.value)} twice in one mapping", "each key once")
            else:
                self._scalar(key)  # only to find a fault in its tag: a key is text, whatever it looks like
                own[key.value] = self.plain(value)
        merged: dict[str, Any] = {}
        for each in reversed(sources):  # the first one that has a key gives its value
            merged |= each
        return merged | own

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text: str = node.value
        match node.tag.removeprefix("tag:yaml.org,2002:"):
            case "str" | "merge":
                return text
            case "null" if text.lower() in ("", "~", "null"):
                return None
            case "bool" if text.lower() in ("true", "false"):
                return text.lower() == "true"
            case "int" | "float" as kind:
                number = text.lower().replace(".inf", "inf").replace(".nan", "nan")
                try:
                    return int(text) if kind == "int" else float(number)
                except ValueError:  # thousands of digits, or a word after an explicit tag
                    self._fail(node, shown(text), "a number")
        self._fail(node, f"the tag {node.tag}", "plain YAML without tags")

    def _fail(self, node: yaml.Node, found: str, allowed: str) -> NoReturn:
        raise InputError([Fault((), found, allowed, self._name, node.start_mark.line + 1)])
