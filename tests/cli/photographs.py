"""Photographs for tests, written without Pillow."""

import struct
import zlib


def write_png(path, height, width):
    """A PNG of 8-bit RGB with a pattern that differs from place to place."""
    rows = b"".join(
        b"\0" + bytes((x * 7 + y * 3 + c * 40 + (x * y >> 3)) % 256 for x in range(width) for c in range(3)) for y in range(height)
    )

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    )  # fmt: skip
