"""Measurements that anyone can repeat, each against a floor taken in the same run: `make bench`."""
