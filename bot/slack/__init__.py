"""The Slack face: deliveries in, posts out. The only room that knows Slack's packages.

``intake`` turns a delivery into a row of the inbox before it is acknowledged; ``desk`` takes rows from the inbox, asks
the door and posts; ``post`` speaks the Web API with its limits and faults; ``face`` connects and starts all of it.
"""
