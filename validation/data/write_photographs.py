#!/usr/bin/python3
"""Writes tests/data/photographs/: small PNG and JPEG files of many kinds, and the pixels that Pillow reads from them
(expected.npz), which the C++ decoders must find again. What Pillow can't write or would round differently (16 bits,
interlaced) is written and answered by the few lines below, from the PNG specification. Needs python3-numpy, python3-pil.

    validation/data/write_photographs.py [FOLDER]
"""
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "tests/data/photographs"
folder.mkdir(parents=True, exist_ok=True)

height, width = 13, 21  # no multiples of 8 or 16: the last blocks of a JPEG are cut
y, x = np.mgrid[:height, :width]
rgb = np.stack([x * 12, y * 19, 255 - x * 5 - y * 6], axis=2).astype(np.uint8)
grey = (x * 7 + y * 8).astype(np.uint8)
expected = {}


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def write_png(name, bits, colour_type, interlaced, rows):
    """rows: the bytes that deflate packs, each row with its filter byte in front."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, int(interlaced))
    (folder / name).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
                                + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def save(name, image, **options):
    image.save(folder / name, **options)
    expected[name] = np.asarray(Image.open(folder / name).convert("RGB"))


picture = Image.fromarray(rgb)
save("colour.png", picture)
save("grey.png", Image.fromarray(grey))
save("one-bit.png", Image.fromarray(grey > 100))
save("palette.png", picture.quantize(16))
save("palette-transparent.png", picture.quantize(16), transparency=3)
alpha = Image.fromarray((x * y).clip(0, 255).astype(np.uint8))
save("alpha.png", Image.merge("RGBA", [*picture.split(), alpha]))
save("grey-alpha.png", Image.merge("LA", [Image.fromarray(grey), alpha]))

sixteen = (rgb.astype(np.uint32) * 251 + x[..., None] + 3).astype(np.uint16)
write_png("sixteen-bits.png", 16, 2, False, b"".join(b"\0" + row.astype(">u2").tobytes() for row in sixteen))
expected["sixteen-bits.png"] = np.floor(sixteen * (255 / 65535) + 0.5).astype(np.uint8)
write_png("grey-sixteen-bits.png", 16, 0, False, b"".join(b"\0" + row.astype(">u2").tobytes() for row in sixteen[..., 0]))
expected["grey-sixteen-bits.png"] = np.repeat(expected["sixteen-bits.png"][..., :1], 3, axis=2)

passes = [(0, 8, 0, 8), (0, 8, 4, 8), (4, 8, 0, 4), (0, 4, 2, 4), (2, 4, 0, 2), (0, 2, 1, 2), (1, 2, 0, 1)]  # Adam7
write_png("interlaced.png", 8, 2, True, b"".join(
    b"\0" + row.tobytes() for y0, dy, x0, dx in passes for row in rgb[y0::dy, x0::dx]))
assert (np.asarray(Image.open(folder / "interlaced.png")) == rgb).all()
expected["interlaced.png"] = rgb

save("colour.jpg", picture, quality=90, subsampling=0, optimize=True)
save("subsampled.jpg", picture, quality=75, subsampling=2, optimize=True)
save("progressive.jpg", picture, quality=75, progressive=True)
save("grey.jpg", Image.fromarray(grey), quality=90, optimize=True)
save("cmyk.jpg", Image.merge("CMYK", [*picture.split(), Image.fromarray(grey // 2)]), quality=90, optimize=True)
# The same numbers, said to be luma, chroma and black: byte 11 after "Adobe" is the kind of transform.
content = bytearray((folder / "cmyk.jpg").read_bytes())
content[content.index(b"Adobe") + 11] = 2
(folder / "ycck.jpg").write_bytes(content)
expected["ycck.jpg"] = np.asarray(Image.open(folder / "ycck.jpg").convert("RGB"))
assert np.abs(expected["ycck.jpg"].astype(int) - expected["cmyk.jpg"]).max() > 50

np.savez_compressed(folder / "expected.npz", **expected,
                    grey_of_colour=np.asarray(picture.convert("L")))  # ITU-R BT.601
