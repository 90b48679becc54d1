import sys
from argparse import Namespace
from pathlib import Path

from entrypoints.container import unconnected
from entrypoints.http.app import openapi_document
from entrypoints.settings import load

SNAPSHOT = Path("openapi.json")


def run(arguments: Namespace) -> int:
    """Writes the API's description to `openapi.json`, or, with `--check`, says whether the file is up to date."""
    document = openapi_document(unconnected(), load({}, None))
    if not arguments.check:
        SNAPSHOT.write_text(document, encoding="utf-8")
        return 0
    if SNAPSHOT.exists() and SNAPSHOT.read_text(encoding="utf-8") == document:
        return 0
    print("openapi.json is not what the routes say: see what changed, then run 'make openapi'.", file=sys.stderr)
    return 1
