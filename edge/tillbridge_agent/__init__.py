"""The shop's agent: does the cloud's jobs on this PC, each one once, in order, whatever fails."""

__version__ = "0.1.0"
