"""Finds GitLab's quick actions in a text, and takes their lines out (lib/gitlab/quick_actions/extractor.rb)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.gitlab.markdown import pieces

#: Every name GitLab knows: its line vanishes from an issue's text, whether it can do anything there or not
#: (doc/user/project/quick_actions.md). `/cc` is no action and stays.
KNOWN = (
    "add_child add_contacts add_email approve assign assign_reviewer award blocked_by blocks board_move "
    "checkin_reminder clear_health_status clear_weight clone close confidential convert_to_ticket copy_metadata "
    "create_merge_request done draft due duplicate epic estimate estimate_time health_status invite_email "
    "iteration label labels link linked lock merge milestone move page promote promote_to promote_to_incident "
    "publish react ready reassign reassign_reviewer rebase relabel relate remove_child remove_contacts "
    "remove_due_date remove_email remove_epic remove_estimate remove_iteration remove_label remove_milestone "
    "remove_parent remove_parent_epic remove_time_estimate remove_time_spent remove_zoom reopen request_review "
    "set_parent severity ship shrug spend spend_time spent submit_review subscribe tableflip tag target_branch "
    "timeline title todo type unapprove unassign unassign_reviewer unlabel unlink unlock unsubscribe weight zoom"
)
#: These leave something in place of their line.
SUBSTITUTES: Mapping[str, str] = {"shrug": "¯\\＿(ツ)＿/¯", "tableflip": "(╯°□°)╯︵ ┻━┻"}
#: At the very beginning of a line, in any case, outside of backticks; blank lines behind it go with it.
ACTION = re.compile(
    rf"(?P<code>`.+?`)|^/(?P<name>{'|'.join(KNOWN.split())})(?:[ ](?P<argument>[^\n]*))?(?:\s*\n|\Z|$)",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Action:
    """One quick action as it was written; its name in small letters."""

    name: str
    argument: str


def extract(text: str) -> tuple[str, tuple[Action, ...]]:
    """The text without its quick actions, and these in their order.

    A backslash before the slash, backticks, code blocks and HTML blocks keep a line what it is.
    """
    found: list[Action] = []

    def taken(match: re.Match[str]) -> str:
        if match["name"] is None:
            return match[0]
        action = Action(match["name"].lower(), (match["argument"] or "").strip())
        found.append(action)
        return _left(action, match[0])

    parts = pieces(text.replace("\r", ""))
    kept = [ACTION.sub(taken, piece) if is_words else piece for piece, is_words in parts]
    return "".join(kept).rstrip(), tuple(found)


def _left(action: Action, line: str) -> str:
    if action.name not in SUBSTITUTES:
        return ""
    return f"{action.argument} {SUBSTITUTES[action.name]}".strip() + ("\n" if line.endswith("\n") else "")
