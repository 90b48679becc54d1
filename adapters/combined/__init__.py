"""Several token verifiers as one."""
