"""What the system does: a package per context, a file per use case, and `ports` for all that is needed from outside."""
