"""The Block Kit pieces that messages are built of, kept within Slack's limits (slack-platform.md 2.1)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.model import Block, Millis
from bot.text import clip, escape

TEXT_LIMIT = 3000  # text of a section or a context element, in characters
HEADER_LIMIT = 150
CONTEXT_LIMIT = 10  # elements
FIELDS_LIMIT, FIELD_LIMIT = 10, 2000  # of a section, and characters of one of them
ACTIONS_LIMIT = 25  # elements
LABEL_LIMIT = 75  # a button shows about 30 of them
ACTION_ID_LIMIT = 255
VALUE_LIMIT = 2000
#: Action id of buttons that only open a page.
LINK_ACTION = "open.page"
CONFIRM_TITLE_LIMIT, CONFIRM_TEXT_LIMIT, CONFIRM_LABEL_LIMIT = 100, 300, 30
#: A message may have this many blocks.
BLOCKS_LIMIT = 50
#: Text of one rich_text block. Slack names no limit; messages are cut near 4 000 characters (2.2), and a
#: section holds 3 000.
RICH_TEXT_LIMIT = 2900

_HALF_ENTITY = re.compile(r"(?:&[a-z]{0,4}|<[^<>]*)\Z")
#: A moment so near needs no date: nobody takes it for another day's.
_SOON: Millis = 6 * 3_600_000
_EMPTY = " "  # Slack refuses empty texts


def section(mrkdwn: str) -> Block:
    """Return a block of mrkdwn; `mrkdwn` is escaped already, names and links in it are not looked for."""
    return {"type": "section", "text": _mrkdwn(mrkdwn)}


def row(mrkdwn: str, accessory: Block | None = None) -> Block:
    """Return a line of a list in mrkdwn, with its one action beside it."""
    made = section(mrkdwn)
    return made | {"accessory": accessory} if accessory else made


def fields(*mrkdwn: str) -> Block:
    """Return short texts in two columns; each is escaped already, and at most ten are shown."""
    return {"type": "section", "fields": [_field(text) for text in mrkdwn[:FIELDS_LIMIT]]}


def plain_section(text: str) -> Block:
    """Return a block of text in which Slack reads nothing."""
    return {"type": "section", "text": _plain(text, TEXT_LIMIT)}


def context(*mrkdwn: str) -> Block:
    """Return small grey texts beside one another; each is escaped already."""
    return {"type": "context", "elements": [_mrkdwn(text) for text in mrkdwn[:CONTEXT_LIMIT]]}


def plain_context(text: str) -> Block:
    """Return a small grey text in which Slack reads nothing."""
    return {"type": "context", "elements": [_plain(text, TEXT_LIMIT)]}


def header(text: str) -> Block:
    return {"type": "header", "text": _plain(text, HEADER_LIMIT)}


def divider() -> Block:
    return {"type": "divider"}


def actions(*buttons: Block) -> Block:
    return {"type": "actions", "elements": list(buttons[:ACTIONS_LIMIT])}


def button(
    label: str, action: str, value: str, *, style: str | None = None, confirm: Block | None = None
) -> Block:
    """
    Return a button; `style` is primary or danger.

    Raises ValueError if the action id or the value is too long: cut, they would mean something else.
    """
    if len(action) > ACTION_ID_LIMIT or len(value) > VALUE_LIMIT:
        raise ValueError(f"A button cannot carry that much: {action}, {len(value)} characters")
    made: Block = {"type": "button", "action_id": action, "value": value, "text": _plain(label, LABEL_LIMIT)}
    return made | ({"style": style} if style else {}) | ({"confirm": confirm} if confirm else {})


def link_button(label: str, url: str) -> Block:
    """Return a button that opens a page; Slack wants an action id of it all the same."""
    return button(label, LINK_ACTION, "-") | {"url": url}


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """Return the question that Slack asks before a button counts."""
    return {
        "title": _plain(title, CONFIRM_TITLE_LIMIT),
        "text": _plain(text, CONFIRM_TEXT_LIMIT),
        "confirm": _plain(yes, CONFIRM_LABEL_LIMIT),
        "deny": _plain(no, CONFIRM_LABEL_LIMIT),
    }


def linked(url: str, label: str) -> str:
    """Return a label, in mrkdwn, as a link if the address is one that cannot be anything else; else as it stands."""
    safe = url.startswith(("https://", "http://")) and not set(url) & set("<>| \n")
    return f"<{escape(url)}|{label}>" if safe else label


def ago(when: Millis) -> str:
    """Return how long ago a moment was, in mrkdwn; Slack counts on by itself, so that nothing has to be edited."""
    return (
        f"<!date^{when // 1000}^{{ago}}|since {datetime.fromtimestamp(when / 1000, UTC):%Y-%m-%d %H:%M} UTC>"
    )


def moment(when: Millis, *, now: Millis | None = None) -> str:
    """
    Return a moment in mrkdwn that Slack shows in each reader's own time zone.

    The fallback, for notifications and old clients, is UTC. With `now` a moment of the same day has no date.
    """
    utc = datetime.fromtimestamp(when / 1000, UTC)
    if now is not None and abs(when - now) < _SOON:
        return f"<!date^{when // 1000}^{{time}}|{utc:%H:%M} UTC>"
    return f"<!date^{when // 1000}^{{date_short_pretty}} {{time}}|{utc:%Y-%m-%d %H:%M} UTC>"


# Rich text: nothing in it is parsed, so that it holds anything (slack-platform.md 4) ------------------------


def rich_text(*elements: Block) -> Block:
    """Return a block of paragraphs and preformatted parts."""
    return {"type": "rich_text", "elements": list(elements)}


def paragraph(*elements: Block) -> Block:
    """Return running text of `words`, `link` and `user` elements."""
    return {"type": "rich_text_section", "elements": list(elements)}


def preformatted(*elements: Block) -> Block:
    """Return text of one width, of `words` and `link` elements: Slack takes no others in it."""
    return {"type": "rich_text_preformatted", "elements": list(elements)}


def quotation(*elements: Block) -> Block:
    """Return running text behind a bar, of the same elements."""
    return {"type": "rich_text_quote", "elements": list(elements)}


def listing(
    *items: Block, ordered: bool = False, indent: int = 0, before: int = 0, border: bool = False
) -> Block:
    """Return a list of paragraphs; `before` items of it come earlier, `border` puts it behind a quote's bar."""
    made: Block = {
        "type": "rich_text_list",
        "style": "ordered" if ordered else "bullet",
        "elements": list(items),
    }
    return (
        made | {"indent": indent} | ({"offset": before} if before else {}) | ({"border": 1} if border else {})
    )


def words(
    text: str, *, bold: bool = False, italic: bool = False, strike: bool = False, code: bool = False
) -> Block:
    style = _style(bold=bold, italic=italic, strike=strike, code=code)
    return {"type": "text", "text": text or _EMPTY} | style


def link(
    url: str,
    label: str,
    *,
    bold: bool = False,
    italic: bool = False,
    strike: bool = False,
    code: bool = False,
) -> Block:
    style = _style(bold=bold, italic=italic, strike=strike, code=code)
    return {"type": "link", "url": url, "text": label or url} | style


def _style(**on: bool) -> Block:
    style = {name: True for name, is_on in on.items() if is_on}
    return {"style": style} if style else {}


def usergroup(group: str) -> Block:
    """Return a mention that fires; `group` is the id of a Slack user group."""
    return {"type": "usergroup", "usergroup_id": group}


def user(person: str) -> Block:
    """Return a mention that fires; `person` is a Slack user id."""
    return {"type": "user", "user_id": person}


def _mrkdwn(text: str, limit: int = TEXT_LIMIT) -> Block:
    return {"type": "mrkdwn", "text": _whole(text, limit) or _EMPTY, "verbatim": True}


def _field(text: str) -> Block:
    return _mrkdwn(text, FIELD_LIMIT)


def _whole(mrkdwn: str, limit: int) -> str:
    """Return `mrkdwn` within the limit, with no entity or link cut in two."""
    if len(mrkdwn) <= limit:
        return mrkdwn
    return _HALF_ENTITY.sub("", clip(mrkdwn, limit).removesuffix("…")) + "…"


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": clip(text, limit) or _EMPTY, "emoji": False}
