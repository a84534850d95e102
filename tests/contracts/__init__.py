"""Suites that hold a rehearsal room to the real thing: the same tests run against both."""
