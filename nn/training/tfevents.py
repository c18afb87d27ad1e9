"""What does TensorBoard read?

Files of records, one for each moment. A record is its length, a checksum of the length, the bytes, and a checksum of the bytes:

    length (8 bytes)   crc (4)   bytes (length)   crc (4)

The checksum is CRC-32C, turned and shifted so that a checksum of a checksum is no trouble. The bytes are an `Event` in Protocol Buffers:
fields, each a number and a kind, then a value. An Event has a time, a step and a `Summary`; a Summary has values, each a tag with a number
or a histogram.

    Event:      1 wall_time (double)   2 step (integer)   3 file_version (text)   5 summary
    Summary:    1 value, repeated
    Value:      1 tag (text)   2 simple_value (float)   5 histo
    Histogram:  1 min   2 max   3 num   4 sum   5 sum_squares (double)   6 bucket_limit   7 bucket (packed doubles)

(tensorflow/core/util/event.proto, summary.proto, histogram.proto, and lib/io/record_writer.h.)

Read next: `log.py`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

VARINT, DOUBLE, BYTES, FLOAT = 0, 1, 2, 5
"""How a field is written."""


# ---- records ------------------------------------------------------------------------------------------------------


def crc_table() -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


TABLE = crc_table()


def crc32c(data: bytes) -> int:
    """The Castagnoli checksum."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def masked(data: bytes) -> bytes:
    """The checksum as it stands in the file."""
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def record(data: bytes) -> bytes:
    """The bytes with length and checksums around them."""
    length = struct.pack("<Q", len(data))
    return length + masked(length) + data + masked(data)


def records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(where it ends, the bytes) of each good record, up to the first that is damaged or not complete."""
    place = 0
    while place + 16 <= len(content):
        head = content[place: place + 8]
        end = place + 12 + struct.unpack("<Q", head)[0]
        data = content[place + 12: end]
        if content[place + 8: place + 12] != masked(head) or content[end: end + 4] != masked(data):
            return
        place = end + 4
        yield place, data


# ---- writing ------------------------------------------------------------------------------------------------------


def varint(n: int) -> bytes:
    """Seven bits in a byte, the lowest first."""
    n &= 2**64 - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number: int, kind: int, value: Any) -> bytes:
    """One field."""
    head = varint(number << 3 | kind)
    if kind == VARINT:
        return head + varint(value)
    if kind == DOUBLE:
        return head + struct.pack("<d", value)
    if kind == FLOAT:
        return head + struct.pack("<f", value)
    return head + varint(len(value)) + value


def event(time: float, step: int = 0, summary: bytes = b"", version: str = "") -> bytes:
    """An Event."""
    what = field(3, BYTES, version.encode()) if version else field(5, BYTES, summary)
    return field(1, DOUBLE, time) + field(2, VARINT, step) + what


def scalars(values: Mapping[str, float]) -> bytes:
    """A Summary of numbers."""
    with np.errstate(over="ignore"):
        return b"".join(field(1, BYTES, field(1, BYTES, tag.encode()) + field(2, FLOAT, float(np.float32(value))))
                        for tag, value in values.items())


def histogram(tag: str, values: Any, bins: int = 30) -> bytes:
    """A Summary of the values of an array, in bins of equal width; of those that are finite."""
    values = np.asarray(values, np.float64).ravel()
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    counts, edges = np.histogram(values, bins, (low, high if high > low else low + 1))
    numbers = [low, high, float(values.size), float(values.sum()), float(np.square(values).sum())]
    inner = b"".join(field(number, DOUBLE, value) for number, value in enumerate(numbers, 1))
    inner += field(6, BYTES, struct.pack(f"<{bins}d", *edges[1:])) + field(7, BYTES, struct.pack(f"<{bins}d", *counts))
    return field(1, BYTES, field(1, BYTES, tag.encode()) + field(5, BYTES, inner))


# ---- reading ------------------------------------------------------------------------------------------------------


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """(number, value) of each field; bytes stay bytes."""
    place = 0

    def number() -> int:
        nonlocal place
        n = shift = 0
        while True:
            byte = data[place]
            place += 1
            n |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return n

    while place < len(data):
        head = number()
        kind = head & 7
        if kind == VARINT:
            yield head >> 3, number()
            continue
        size = {DOUBLE: 8, FLOAT: 4}.get(kind)
        size = number() if size is None else size
        value = data[place: place + size]
        place += size
        yield head >> 3, struct.unpack("<d" if kind == DOUBLE else "<f", value)[0] if kind in (DOUBLE, FLOAT) else value


def read_event(data: bytes) -> tuple[int, dict[str, Any]]:
    """(step, values by tag) of an Event: numbers, and of a histogram the fields by number."""
    step, values = 0, {}
    for number, value in fields(data):
        if number == 2:
            step = value
        elif number == 5:
            for _, entry in fields(value):
                parts = dict(fields(entry))
                values[parts[1].decode()] = parts[2] if 2 in parts else doubles(dict(fields(parts[5])))
    return step, values


def doubles(parts: dict[int, Any]) -> dict[int, Any]:
    """A histogram with its packed numbers as lists."""
    return {number: packed(value) if isinstance(value, bytes) else value for number, value in parts.items()}


def packed(value: bytes) -> Sequence[float]:
    return list(struct.unpack(f"<{len(value) // 8}d", value))
