"""Words: what logs call outcomes and weekdays, and how they say nothing."""

import re

from engine.calling.spoken import DAY_NAMES, WEEKDAYS
from engine.customers.outcomes import ANSWERED

VOICEMAIL, BUSY, NO_ANSWER, INVALID = "voicemail", "busy", "noAnswer", "invalid"
SPELLINGS = {
    ANSWERED: "answered answer connected human live completed",
    VOICEMAIL: "voicemail vm machine answeringmachine amd",
    BUSY: "busy userbusy linebusy",
    NO_ANSWER: "noanswer notanswered unanswered noreply",
    INVALID: "invalid invalidnumber unallocated unallocatednumber unobtainable nosuchnumber",
}
"""The words that are understood for an outcome; case, blanks, underscores and dashes do not count."""
OUTCOMES = {word: name for name, words in SPELLINGS.items() for word in words.split()}
NAMES = {name.lower(): name for name in SPELLINGS}
"""The usual outcomes by their names without what does not count."""
NOTHING = ("null", "(null)", "\\n", "n/a", "nan", "-")
"""What other systems write into an empty cell; case does not count."""
DAY_WORDS = {
    word: WEEKDAYS.index(day)
    for name, day in DAY_NAMES.items()
    for word in (name, name[:2], name[:4], f"{WEEKDAYS.index(day) + 1}")
}
"""The weekdays by word, 0 for Monday."""


def plain_word(text: str) -> str:
    """A word or a title without what does not count: case, blanks, underscores and dashes."""
    return re.sub(r"[\s_-]+", "", text).lower()
