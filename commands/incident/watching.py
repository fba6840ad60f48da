"""Watching incidents in GitLab, and their discussion from there."""

from __future__ import annotations

import blocks.incident as draw
import blocks.incident_talk as talk
from bot.incidents.inward import attached, words
from bot.incidents.watching import watch
from bot.kit import Kit
from commands.incident.parts import Part


def tick(kit: Kit) -> None:
    watch.tick(kit, draw, talk)


PART = Part(kinds={attached.FILES: attached.KIND, words.WORD: words.KIND}, ticks=(tick,))
