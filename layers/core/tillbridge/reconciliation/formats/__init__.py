"""Import files: one module a kind; ``reading`` has their contract, ``registry`` finds the one that claims a file."""
