"""What is true whatever the technology: pure, frozen, synchronous Python that imports the standard library only."""
