"""Tokens: what gives access to a campaign, and is told only once."""

from hashlib import blake2b
from hmac import compare_digest
from secrets import token_hex

DOCUMENTED = "8231.7056.1b131df1"
"""The token in the documentation of the Calls API: that of the default campaign."""
SHOWN = 4


def new_token() -> str:
    """A token that nobody can guess."""
    return f"{token_hex(2)}.{token_hex(2)}.{token_hex(12)}"


def same_token(one: str, other: str) -> bool:
    """Whether two tokens are equal; how long it takes does not tell how much of them is."""
    return compare_digest(*(blake2b(token.encode("utf-8", "surrogatepass")).digest() for token in (one, other)))


def masked(token: str) -> str:
    """The beginning of a token, to be shown."""
    return f"{token[:SHOWN]}…"
