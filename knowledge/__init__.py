"""What Gurumi knows: plain facts, detectors, fixes and known issues. Pure: no network, no database, no clock."""
