"""The emoji that people use most, by the names both services know; other names stay as they are."""

from __future__ import annotations

import re
from types import MappingProxyType

_TABLE = """
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 ok_hand 👌 clap 👏 pray 🙏 muscle 💪 wave 👋 raised_hands 🙌 point_right 👉
point_up 👆 point_down 👇 handshake 🤝 smile 😄 smiley 😃 grinning 😀 grin 😁 joy 😂 laughing 😆 sweat_smile 😅
slightly_smiling_face 🙂 wink 😉 blush 😊 heart_eyes 😍 sunglasses 😎 thinking_face 🤔 thinking 🤔 neutral_face 😐
confused 😕 cry 😢 sob 😭 scream 😱 rage 😡 sweat 😓 sleeping 😴 shrug 🤷 facepalm 🤦 exploding_head 🤯
heart ❤️ broken_heart 💔 tada 🎉 rocket 🚀 fire 🔥 sparkles ✨ star ⭐ zap ⚡ boom 💥 100 💯 trophy 🏆 gift 🎁
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ heavy_plus_sign ➕ question ❓ exclamation ❗
heavy_exclamation_mark ❗ bangbang ‼️ warning ⚠️ no_entry ⛔ no_entry_sign 🚫 rotating_light 🚨 sos 🆘
red_circle 🔴 large_green_circle 🟢 green_circle 🟢 large_yellow_circle 🟡 yellow_circle 🟡 large_blue_circle 🔵
white_circle ⚪ black_circle ⚫ eyes 👀 speech_balloon 💬 bell 🔔 no_bell 🔕 loudspeaker 📢 mega 📣 phone ☎️
email 📧 memo 📝 pencil2 ✏️ clipboard 📋 paperclip 📎 pushpin 📌 round_pushpin 📍 calendar 📆 date 📅
hourglass ⌛ hourglass_flowing_sand ⏳ alarm_clock ⏰ stopwatch ⏱️ lock 🔒 unlock 🔓 key 🔑 mag 🔍 bulb 💡
link 🔗 wrench 🔧 hammer 🔨 hammer_and_wrench 🛠️ gear ⚙️ package 📦 bug 🐛 beetle 🐞 computer 💻 bar_chart 📊
chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 fire_engine 🚒 ambulance 🚑 construction 🚧 ship 🚢
checkered_flag 🏁 triangular_flag_on_post 🚩 coffee ☕ beers 🍻 pizza 🍕 ghost 👻 skull 💀 robot_face 🤖 robot 🤖
recycle ♻️ arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️ repeat 🔁 arrows_counterclockwise 🔄
rewind ⏪ octagonal_sign 🛑 information_source ℹ️ new 🆕 up 🆙 soon 🔜 snowflake ❄️ seedling 🌱 see_no_evil 🙈
"""
_PAIRS = re.findall(r"(\S+)\s+(\S+)", _TABLE)

CHARACTERS = MappingProxyType(dict[str, str](_PAIRS))
_NAMED = re.compile(r":([a-z0-9_+'-]{1,60}):")
_LONGEST = 8
_DRAWN = 0xA9
"""The copyright sign is the first character that Unicode can draw as an emoji, but for digits and signs."""


def with_characters(text: str) -> str:
    """Return `text` with the names of well-known emoji as their characters."""
    return _NAMED.sub(lambda found: CHARACTERS.get(found[1], found[0]), text) if ":" in text else text


def from_slack(name: str, unicode: str) -> str:
    """Return an emoji by the code points Slack gives (`1f44d-1f3fc`), by its name, or its name in colons."""
    return _characters(unicode) or CHARACTERS.get(name) or (f":{name}:" if name else "")


def _characters(unicode: str) -> str:
    codes = unicode.split("-")
    try:
        numbers = [int(code, 16) for code in codes] if len(codes) <= _LONGEST else []
        return "".join(map(chr, numbers)) if any(number >= _DRAWN for number in numbers) else ""
    except (ValueError, OverflowError):
        return ""
