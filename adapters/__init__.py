"""The ports filled: a package per technology, a file named after the port file it fills."""
