"""Thin typed adapters: table, bucket, queue, identities; a failed outside becomes ``Unavailable``."""
