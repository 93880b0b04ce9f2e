"""Tillbridge: the bridge between a shop's tills, its accountant and its bank."""
