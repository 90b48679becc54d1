"""The HTTP entrypoint: a file per context with its routes, and `edge` with what all of them share."""
