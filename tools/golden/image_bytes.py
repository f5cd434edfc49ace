"""Picture files that Pillow does not write, byte by byte: kinds of TIFF, PNG, BMP, GIF that nolabel
must read. Arrays are [H, W] or [H, W, bands]."""

import struct
import zlib

import numpy as np

SAMPLE_FORMAT = {"u": 1, "i": 2, "f": 3}
TIFF_TYPE = {1: "B", 2: "s", 3: "H", 4: "I"}


def tiff(array, *, photometric=1, extra=(), planar=False, tile=None, order="<", bits=None,
         tags=()):
    """An uncompressed TIFF of one strip, or of square tiles of a side. `extra` declares the samples
    after the colors, `bits` packs them more tightly than NumPy does, `tags` are (tag, type, values).
    """
    if array.ndim == 2:
        array = array[..., None]
    height, width, samples = array.shape
    planes = [array[..., i:i + 1] for i in range(samples)] if planar else [array]
    blocks = [block for plane in planes for block in cut(plane, tile)]
    stored = [pack(block, bits, order) for block in blocks]
    bits_per_sample = bits or array.dtype.itemsize * 8
    entries = [
        (256, 4, [width]), (257, 4, [height]), (258, 3, [bits_per_sample] * samples), (259, 3, [1]),
        (262, 3, [photometric]), (277, 3, [samples]), (284, 3, [2 if planar else 1]),
        (339, 3, [SAMPLE_FORMAT[array.dtype.kind]] * samples), *tags,
    ]
    if extra:
        entries.append((338, 3, list(extra)))
    places, lengths = (324, 325) if tile else (273, 279)
    entries.append((lengths, 4, [len(block) for block in stored]))
    entries += [(322, 4, [tile]), (323, 4, [tile])] if tile else [(278, 4, [height])]

    def directory(first_block):
        offsets = [first_block + sum(map(len, stored[:i])) for i in range(len(stored))]
        listed = sorted(entries + [(places, 4, offsets)])
        beyond = b""  # values that do not fit into their entry
        out = struct.pack(order + "H", len(listed))
        for tag, kind, values in listed:
            if kind == 2:
                value, count = values, len(values)
            else:
                value = struct.pack(order + TIFF_TYPE[kind] * len(values), *values)
                count = len(values)
            if len(value) > 4:
                place = 8 + 2 + 12 * len(listed) + 4 + len(beyond)
                beyond += value + b"\0" * (len(value) % 2)
                value = struct.pack(order + "I", place)
            out += struct.pack(order + "HHI", tag, kind, count) + value.ljust(4, b"\0")
        return out + b"\0\0\0\0" + beyond

    header = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    return header + directory(8 + len(directory(0))) + b"".join(stored)


def cut(plane, tile):
    """The tiles of a plane, those at the edge filled up with zeros; without tiles the plane."""
    if tile is None:
        return [plane]
    height, width, samples = plane.shape
    padded = np.zeros((-(-height // tile) * tile, -(-width // tile) * tile, samples), plane.dtype)
    padded[:height, :width] = plane
    return [padded[y:y + tile, x:x + tile]
            for y in range(0, padded.shape[0], tile) for x in range(0, padded.shape[1], tile)]


def pack(block, bits, order):
    """The bytes of a strip or tile; with `bits` each row is a chain of bits, the highest first."""
    if bits is None:
        return block.astype(block.dtype.newbyteorder(order)).tobytes()
    return b"".join(bit_row(row.ravel(), bits) for row in block)


def bit_row(values, bits):
    chain = "".join(format(int(value), f"0{bits}b") for value in values)
    chain += "0" * (-len(chain) % 8)
    return bytes(int(chain[i:i + 8], 2) for i in range(0, len(chain), 8))


def bmp(size, bits, rows=None, *, compression=0, colors=None, header=40, masks=(), top_down=False,
        runs=None):
    """A BMP. size: (height, width); rows from the top, as bytes; colors: [n, 3] RGB; `runs` instead
    of rows when the compression is RLE."""
    height, width = size
    palette = b""
    if colors is not None:
        end = b"" if header == 12 else b"\x4d"  # the fourth byte has no meaning
        palette = b"".join(bytes(int(v) for v in color[::-1]) + end for color in colors)
    if header == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        stored_height = -height if top_down else height
        used = 0 if colors is None else len(colors)
        head = struct.pack("<IiiHHIIiiII", header, width, stored_height, 1, bits, compression, 0, 0,
                           0, used, 0)
        head = (head + b"".join(struct.pack("<I", mask) for mask in masks)).ljust(header, b"\0")
    data = runs
    if data is None:
        padded = [row + b"\0" * (-len(row) % 4) for row in rows]
        data = b"".join(padded if top_down else padded[::-1])
    offset = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + head + palette + data


def bmp_runs(indices, *, nibbles):
    """RLE8, or RLE4: runs of two pixels or more, and five different pixels as they are."""
    out = b""
    for row in indices[::-1]:
        x, width = 0, len(row)
        while x < width:
            n = 1
            while x + n < width and row[x + n] == row[x]:
                n += 1
            if n > 1 or x + 5 > width:
                out += bytes([n, int(row[x]) * (17 if nibbles else 1)])
                x += n
                continue
            literal = [int(v) for v in row[x:x + 5]] + [0]
            if nibbles:
                literal = [literal[i] * 16 + literal[i + 1] for i in range(0, 6, 2)] + [0]
            out += bytes([0, 5, *literal])
            x += 5
        out += b"\0\0"  # end of the row
    return out[:-2] + b"\0\1"  # end of the picture


def gif(canvas, place, indices, colors, *, transparent=None, background=0, interlaced=False):
    """A GIF of one frame. canvas: (height, width); place: (top, left) of the frame; 16 colors."""
    height, width = indices.shape
    palette = b"".join(bytes(int(v) for v in color) for color in colors).ljust(48, b"\0")
    out = b"GIF89a" + struct.pack("<HHBBB", canvas[1], canvas[0], 0xF3, background, 0) + palette
    if transparent is not None:
        out += b"\x21\xf9\x04\x01\0\0" + bytes([transparent]) + b"\0"
    order = np.arange(height)
    if interlaced:
        order = np.concatenate([order[0::8], order[4::8], order[2::4], order[1::2]])
    out += b"," + struct.pack("<HHHHB", place[1], place[0], width, height, 0x40 * interlaced)
    return out + lzw(indices[order].ravel()) + b";"


def lzw(values):
    """Values below 16 as LZW codes of 5 bits: the table is cleared before the codes grow."""
    codes = []
    for i, value in enumerate(values):
        codes += [16, int(value)] if i % 14 == 0 else [int(value)]
    chain = "".join(format(code, "05b")[::-1] for code in [*codes, 17])
    chain += "0" * (-len(chain) % 8)
    data = bytes(int(chain[i:i + 8][::-1], 2) for i in range(0, len(chain), 8))
    blocks = [data[i:i + 255] for i in range(0, len(data), 255)]
    return b"\x04" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def png_16_bits(picture, factor=256, offset=200):
    """Pillow cannot write RGB with 16 bits: the chunks by hand, low bytes not repeating the high."""
    levels = np.asarray(picture)
    values = levels.astype(np.uint16) * factor + offset
    raw = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)

    def chunk(name, body):
        return (struct.pack(">I", len(body)) + name + body
                + struct.pack(">I", zlib.crc32(name + body)))

    height, width = levels.shape[:2]
    color_type = 2 if levels.ndim == 3 else 0
    header = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw, 9))
            + chunk(b"IEND", b""))
