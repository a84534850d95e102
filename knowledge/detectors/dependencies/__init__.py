"""What a program depends on, told by its log and its settings."""
