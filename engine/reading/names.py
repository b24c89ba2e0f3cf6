r"""Text that users give, shown and never interpreted.

What cannot be seen (control characters, line and paragraph separators, marks that turn the direction of text, halves of
surrogate pairs) is shown as the escape that Python has for it, such as `\u202e`; str.isprintable decides what is seen.
"""

import json

RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
"""A cell of a CSV that begins so is taken for a formula by a spreadsheet that opens the file."""


HALVED, WHOLE = "half of a surrogate pair in a name", "a name that UTF-8 can hold"
"""What is found and allowed where JSON gives a name that no table nor file can hold."""


def is_halved(name: str) -> bool:
    """Whether a name has half of a surrogate pair, so that it cannot be written as UTF-8."""
    return any("\ud800" <= character <= "\udfff" for character in name)


def visible(text: str) -> str:
    r"""A text on one line, in which each character that cannot be seen is an escape: `a\u000ab`."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    code = ord(character)
    return character if character.isprintable() else f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}"


def visible_json(text: str) -> str:
    """JSON of the same value, in which what cannot be seen is one of JSON's own escapes; its lines stay."""
    return "\n".join(line if line.isprintable() else "".join(map(_visible_json, line)) for line in text.split("\n"))


def _visible_json(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]


def cell_text(text: str) -> str:
    """A text as a cell of a CSV: visible, and behind a quote if a spreadsheet would take it for a formula."""
    return ("'" if text.startswith(RUN_BY_SPREADSHEETS) else "") + visible(text)
