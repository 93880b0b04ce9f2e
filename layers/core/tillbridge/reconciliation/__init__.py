"""Imports: what the accountant or the bank says was paid, from a file in S3 to settled invoices (RI)."""
