"""The cloud on one machine: what `make run` and the end-to-end tests stand on."""
