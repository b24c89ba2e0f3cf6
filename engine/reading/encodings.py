"""Encodings: bytes of a file made into text in UTF-8, with the bytes that are no text marked or named."""

import codecs
import re

from engine.reading.contents import BLOCK, BYTE_ORDER_MARK, fail
from engine.reading.faults import Fault, InputError, shown

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
"""The encodings that a file may tell by its first bytes; UTF-32 before UTF-16, which begins alike."""
GUESSES = ("cp1252", "latin-1")
"""What bytes that are not UTF-8 are most often, the likelier first."""
FORM = "text in UTF-8; or name its encoding, such as encoding: {0} in a scenario and --encoding {0} of a command"
BAD = re.compile("[\ud800-\udfff]")
"""What stands in text for bytes that are not of its encoding: no text holds halves of surrogate pairs."""
_NO_TEXT = "\ud800"
"""Stands for bytes of another encoding than UTF-8; bytes that are not UTF-8 are escaped (`surrogateescape`)."""
_WORD = re.compile(rb"[^\s,;|\"]+")
_MOST_SHOWN = 40


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Put a mark in place of bytes that are no text (an error handler of `codecs`)."""
    if isinstance(error, UnicodeDecodeError):
        return _NO_TEXT, error.end
    raise error


codecs.register_error("engine.mark", _mark)


def utf_8(data: bytes, name: str, encoding: str | None = None) -> bytes:
    """The text of a file in UTF-8, without a byte order mark.

    Its encoding is the one that is named, else the one of its byte order mark, else UTF-8. Bytes that are no text in it
    are a fault of the file; so is an encoding that is not known. Raises InputError.
    """
    text = marked_text(data, name, encoding)
    if isinstance(text, bytes):
        return text
    bad = BAD.search(text)
    at = bad.start() if bad else 0
    ends = text.find("\n", at)
    line = text[text.rfind("\n", 0, at) + 1 : ends if ends >= 0 else None]
    found, allowed = bad_bytes(line)
    fail(found, allowed, name, text.count("\n", 0, at) + 1)


def marked_text(data: bytes, name: str, encoding: str | None = None) -> bytes | str:
    """The text of a file in UTF-8; or, if some bytes of it are no text, the text in which BAD finds them.

    See `utf_8`. Raises InputError for an encoding that is not known.
    """
    codec = named_encoding(data, name, encoding)
    if codec == "utf-8":
        data = data.removeprefix(BYTE_ORDER_MARK)
        return data if _is_utf_8(data) else data.decode(errors="surrogateescape")
    text = data.decode(codec, "engine.mark").removeprefix("\ufeff")
    return text if BAD.search(text) else text.encode()


def named_encoding(data: bytes, name: str, encoding: str | None = None) -> str:
    """The name of the codec of a file; InputError if there is none of the name that a user gives."""
    marked = next((each for mark, each in BYTE_ORDER_MARKS.items() if data.startswith(mark)), None)
    if encoding is None:
        return marked or "utf-8"
    try:
        codec = codecs.lookup(encoding)
        "a".encode(codec.name)  # a LookupError for rot13 and such, which are no encodings of bytes
        b"a".decode(codec.name, "engine.mark")  # a UnicodeError for idna and such, which are no encodings of files
    except (LookupError, ValueError):  # a name with a zero byte is a ValueError
        allowed = "an encoding such as utf-8, utf-16, cp1252 or latin-1"
        raise InputError([Fault(("encoding",), shown(encoding), allowed, name)]) from None
    if codec.name in ("utf-16", "utf-32"):  # without a byte order mark they are little-endian as a rule
        return marked or f"{codec.name}-le"
    return "utf-8" if codec.name in ("utf-8", "utf-8-sig", "ascii") else codec.name


def bad_bytes(text: str) -> tuple[str, str]:
    """What is found in text in which BAD finds something, with what it may mean, and what is allowed."""
    if _NO_TEXT in text:
        return "bytes that are no text in this encoding", "text in the encoding that is named; or another encoding"
    for word in _WORD.finditer(text.encode(errors="surrogateescape")):
        try:
            word[0].decode()
        except UnicodeDecodeError as error:
            byte, begin = word[0][error.start], word[0][:_MOST_SHOWN]
            for guess in GUESSES:
                try:
                    meant = begin.decode(guess)
                except UnicodeDecodeError:
                    continue
                return f"byte 0x{byte:02X}, which is not UTF-8 ({shown(meant)} in {guess}, perhaps)", FORM.format(guess)
    return "bytes that are not UTF-8", FORM.format(GUESSES[0])


def _is_utf_8(data: bytes) -> bool:
    if data.isascii():
        return True
    view, at = memoryview(data), 0
    while at < len(data):
        block = view[at : at + BLOCK]
        try:
            at += codecs.utf_8_decode(block, "strict", at + len(block) == len(data))[1]
        except UnicodeDecodeError:
            return False
    return True
