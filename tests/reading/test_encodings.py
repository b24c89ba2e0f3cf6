"""Encodings: bytes that are not of their file's encoding are named with what they may mean."""

import pytest

from engine.reading.encodings import bad_bytes


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("caf\udce9,b", 'byte 0xE9, which is not UTF-8 ("café" in cp1252, perhaps)'),
        ("a,\udc80", 'byte 0x80, which is not UTF-8 ("€" in cp1252, perhaps)'),
        ("\0" * 1_000_000 + ",caf\udce9", 'byte 0xE9, which is not UTF-8 ("café" in cp1252, perhaps)'),
        ("\ud800", "bytes that are no text in this encoding"),
    ],
    ids=["a word", "a cell", "behind a million zero bytes", "another encoding than UTF-8"],
)
def test_the_first_word_that_is_not_text_is_named(text: str, found: str) -> None:
    assert bad_bytes(text)[0] == found
