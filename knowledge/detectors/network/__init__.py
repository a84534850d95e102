"""Network policies: what they refuse, judged from the objects and from what callers log."""
