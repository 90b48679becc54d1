"""Models of Sentence Transformers, run in this process."""
