"""The emoji that people and bots write by name, as characters. A name that is not here stays as it was written.

The signs that answers begin with are drawn instead: not every machine has a font for them.
"""

DRAWN = {
    "red_circle": "",
    "large_green_circle": "",
    "large_blue_circle": "",
    "large_yellow_circle": "",
    "white_circle": "",
    "grey_question": "?",
    "no_entry": "–",
    "warning": "!",
    "white_check_mark": "✓",
    "x": "✕",
}
"""Name → what stands inside the sign."""

EMOJI = {
    "+1": "👍",
    "-1": "👎",
    "bell": "🔔",
    "bulb": "💡",
    "cloud": "☁️",
    "eyes": "👀",
    "fire": "🔥",
    "gear": "⚙️",
    "hourglass_flowing_sand": "⏳",
    "lock": "🔒",
    "mag": "🔍",
    "memo": "📝",
    "pray": "🙏",
    "question": "❓",
    "rocket": "🚀",
    "rotating_light": "🚨",
    "smile": "😄",
    "tada": "🎉",
    "thumbsup": "👍",
    "wave": "👋",
    "wrench": "🔧",
}
