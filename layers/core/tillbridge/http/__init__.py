"""How strangers reach us: who calls, what a request must look like, what a refusal looks like."""
