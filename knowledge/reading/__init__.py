"""What people write: questions, tickets, names, times and clusters, read into plain data."""
