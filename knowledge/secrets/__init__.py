"""What must never leave: the shapes and names of secrets, and how a text is quoted without them."""
