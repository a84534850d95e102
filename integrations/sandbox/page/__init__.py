"""The rehearsal workspace in a browser: a page in Python (NiceGUI) that is a client of ``SlackRoom``'s hands."""
