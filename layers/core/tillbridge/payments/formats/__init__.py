"""One file per format that leaves this room."""
