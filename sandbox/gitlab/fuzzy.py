"""GitLab's search in names and titles (lib/gitlab/sql/pattern.rb)."""

from __future__ import annotations

import re

#: Shorter words are searched for only as a whole (MIN_CHARS_FOR_PARTIAL_MATCHING).
SHORTEST_PART = 3
WORDS = re.compile(r'"([^"]+)"|(\S+)')


def matches(wanted: str, *texts: str) -> bool:
    """Whether one of the texts holds every word of the search, in any case.

    Words in double quotes belong together. A search of short words alone has to be the whole text.
    """
    words = [quoted or word for quoted, word in WORDS.findall(wanted.lower())]
    long = [word for word in words if len(word) >= SHORTEST_PART]
    folded = [text.lower() for text in texts]
    if not long:
        return any(text == wanted.strip().lower() for text in folded)
    return any(all(word in text for word in long) for text in folded)
