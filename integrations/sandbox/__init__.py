"""The rehearsal room: small servers on loopback that speak each system's own wire protocol to the real clients."""
