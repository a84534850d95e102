"""Habits that work now and are known to hurt: reported, never the headline of an incident."""
