"""Quotes a message from outside in a sentence of ours: one line, shortened at a word, and it shows that it was."""


def ends(text: str, most: int = 200) -> str:
    """A chain of wrapped errors as one line: where it began and, above all, how it ends, which says most."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    tail = line[-(most * 3 // 4) :]
    at = tail.find(" ")
    return f"{quoted(line, most // 4)} {tail[at + 1 :] if 0 <= at < most // 4 else tail}"


def quoted(text: str, most: int = 160) -> str:
    """The text as one line of at most ``most`` characters; what is cut ends in ``…``, not in the middle of a word."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    kept = line[: most - 1]
    at = kept.rfind(" ")
    return (kept[:at] if at > most // 2 else kept).rstrip(" ,;:") + "…"
