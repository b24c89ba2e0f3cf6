"""Names that do harm, or show something else, where they are not taken as text."""

from hypothesis import strategies as st

HOSTILE_PARTS = (
    *(
        "[/x]",
        "[red]",
        "[link=https://example.org]",
        ":smile:",
        "\\",
        "\\u0041",
        "{{7*7}}",
        "%s",
        "]]>",
        "<b>",
        "</script>",
        "&amp;",
    ),
    *(
        "=1+1",
        "+",
        "-",
        "@",
        "'",
        '"',
        ",",
        ";",
        "#",
        ": ",
        "\t",
        "\r",
        "\n",
        "\r\n",
        "\0",
        "\a",
        "\b",
        "\x1b[31m",
        "\x1b]0;x\a",
    ),
    *(
        "\x7f",
        "\x85",
        "\x9b31m",
        "\xa0",
        "\xad",
        "\u061c",
        "\u200b",
        "\u200e",
        "\u2028",
        "\u2029",
        "\u202e",
        "\u2066",
        "\ufeff",
    ),
    *("\ufffe", "\uffff", "\udc80", "\ud83d", "\U000e0001", "😀", "é", "a", "B", "b" * 40),
)
"""What a terminal, a page, a picture, a spreadsheet or a document may take for something else than text."""


def hostile_names(least: int = 0) -> st.SearchStrategy[str]:
    """Names that do harm, or show something else, where they are not taken as text."""
    return st.lists(st.sampled_from(HOSTILE_PARTS) | st.characters(), min_size=least, max_size=6).map("".join)
