"""Import files: one module a kind; ``reading`` has their contract, ``registry`` finds which claims a file."""
