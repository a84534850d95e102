"""The faces: Slack, the terminal, the clock; the one door behind them, rendering, settings and wiring."""
