"""A strict Slack on loopback: Web API, Socket Mode and HTTP delivery that the unmodified Slack packages talk to."""
