"""What Gurumi can be asked: one file per command. Commands decide what to look at and what to say, and post nothing."""
