"""A ticket's life as plain rules: its states and moves, working time, likeness, numbers."""
