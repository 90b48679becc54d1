"""The process in which a file is read: whatever that does to it, nobody else notices."""

import logging
import resource
import sys
import warnings
from typing import BinaryIO

import msgspec

from adapters.documents.kinds import Kind
from adapters.documents.reading import read
from application.ports.text_extractor import Unreadable


class Order(msgspec.Struct, frozen=True):
    """What is to be read, before the bytes of the file.

    Attributes:
        seconds: of processor time. memory: bytes of address space.
    """

    kind: Kind
    media_type: str
    seconds: int
    memory: int


class Answer(msgspec.Struct, frozen=True):
    """What was read, or why nothing was."""

    text: str = ""
    title: str | None = None
    unreadable: str | None = None


def main(source: BinaryIO, sink: BinaryIO) -> None:
    """Reads an order, on a line of its own, and the file behind it; writes the answer."""
    order = msgspec.json.decode(source.readline(), type=Order)
    _bound(order)
    warnings.simplefilter("ignore")
    logging.disable()
    sink.write(msgspec.json.encode(_answer(order, source.read())))
    sink.flush()


def _answer(order: Order, data: bytes) -> Answer:
    try:
        found = read(data, order.kind, order.media_type)
    except Unreadable as error:
        return Answer(unreadable=str(error))
    except MemoryError:
        return Answer(unreadable=f"The {order.kind} file takes too much memory to be read.")
    return Answer(text=found.text, title=found.title)


def _bound(order: Order) -> None:
    """From now on it gets no more than this: a file it opens to write in stays empty."""
    resource.setrlimit(resource.RLIMIT_CPU, (order.seconds, order.seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere the limit is not heeded, or cannot be set
        resource.setrlimit(resource.RLIMIT_AS, (order.memory, order.memory))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
