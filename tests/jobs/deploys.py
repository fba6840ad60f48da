"""A web project that is tested by every push and deployed by hand, and what people do with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.command import Click
from bot.deeds import Halted, Permit
from bot.model import Message, Place, Run
from tests.jobs.stage import BUTTONS, OPS, PEOPLE, VERBS, Shop, Stage
from tests.sandbox.gitlab_stage import until

WEB = "acme/web"


def pushed(shop: Shop, branch: str = "main", title: str = "") -> int:
    """Push to the web project; its pipeline, once it was tested."""
    shop.act(f'push {branch} web "{title}"' if title else f"push {branch} web")
    found = shop.pipelines("push", WEB)[0]
    until(lambda: shop.gitlab.status(found, "success", "manual") != "")
    return int(found.id)


def said(
    shop: Stage, text: str, permit: Permit | None = None, *, key: str = "", name: str = "alice"
) -> Message | None:
    """Type a command about the web project; what only the asker sees comes back."""
    request = replace(shop.request(f"{WEB} {text}", name=name), permit=permit or Permit())
    request = replace(request, key=key or request.key)
    return VERBS[request.verb].run(request, shop.kit)


def halted(shop: Shop, text: str, permit: Permit | None = None) -> Halted:
    """What stands in the way of it, or is asked first."""
    try:
        said(shop, text, permit)
    except Halted as halt:
        return halt
    raise AssertionError(f"{text} was not halted")


def agreed(shop: Shop, text: str, permit: Permit | None = None, *, key: str = "") -> Run:
    """Type it, agree to what is shown, and wait until it is over."""
    shown = halted(shop, text, permit).shown
    said(shop, text, replace(permit or Permit(), confirmed=shown), key=key)
    return shop.ended()


def deployed(shop: Shop, text: str = "deploy main staging") -> Run:
    """Type it, and wait until it is over."""
    assert said(shop, text) is None
    return shop.ended()


def pressed(shop: Shop, action: str, value: str, permit: Permit | None = None, **more: Any) -> Message | None:
    """Press a button of a card."""
    key = more.get("key") or f"key-{next(shop.numbers)}"
    click = Click(key, PEOPLE["alice"], "alice", Place(OPS), value, permit=permit or Permit())
    return BUTTONS[action](click, shop.kit)
