"""Payments, the small files that tell independent tills of them, and the interfaces that ask for files."""
