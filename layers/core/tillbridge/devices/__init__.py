"""Agents in the shops, how they are enrolled, and the jobs that they do, each once and in order."""
