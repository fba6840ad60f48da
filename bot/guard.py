"""The one net under everything that runs by itself: whatever is raised is logged and goes no further."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.errors import BotError

log = logging.getLogger(__name__)


def guarded(name: str, act: Callable[[], object]) -> bool:
    """Call `act`; return whether it ended well. One broken thing never stops the others."""
    try:
        act()
    except BotError as error:
        log.warning("%s: %s", name, error)
    except Exception:
        log.exception("%s failed", name)
    else:
        return True
    return False
