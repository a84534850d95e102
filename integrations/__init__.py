"""The outside, fetched: one file per system; typed results, own errors, a timeout for every call."""
