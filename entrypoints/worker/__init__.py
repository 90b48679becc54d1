"""The worker entrypoint: a table from job type to use case, and the loop that runs them."""
