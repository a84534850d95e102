"""Detectors, one detection a file, in folders by area. A file is found by being there."""
