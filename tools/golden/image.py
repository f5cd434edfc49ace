"""Golden files of nolabel/image, made with Pillow: python tools/golden/image.py

Writes nolabel/image/testdata/: pictures in every format and mode, decode.csv (picture, reduction,
expected pixels, kind of tolerance, remark), resize.csv (box, target, expected pixels, Pillow's code of the
filter), and the expected pixels as 8-bit RGB PNG, each content once.
"""

import csv
import pathlib

import image_bytes
import numpy as np
import pillow_heif
from PIL import Image, ImageOps

OUT = pathlib.Path(__file__).resolve().parents[2] / "nolabel" / "image" / "testdata"
ORIENTATION = 0x0112

pillow_heif.register_heif_opener()


def scene(width=48, height=40):
    """Smooth color with edges: an asymmetric picture, so that a wrong mirroring shows."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    rgb = np.stack([255 * x / width, 255 * y / height, 127 + 90 * np.sin(x / 5 + y / 7)], -1)
    rgb[height // 5 : height // 2, width // 6 : width // 3] = (230, 40, 20)
    rgb[height // 2 :, width - 8 :] = (10, 60, 200)
    return Image.fromarray(rgb.round().astype(np.uint8))


def alpha_channel(width=48, height=40):
    y, x = np.mgrid[0:height, 0:width].astype(float)
    alpha = 255 * np.clip(np.hypot(x - width / 2, y - height / 2) / 18 - 0.3, 0, 1)
    return Image.fromarray(alpha.round().astype(np.uint8))


def expected(file, *, scale=None):
    """What decode_image must give: Pillow's pixels, upright, over white, 16 bits cut to 8."""
    with Image.open(file) as picture:
        if scale is not None:
            picture.draft("RGB", scale)
        picture.load()
        picture = ImageOps.exif_transpose(picture)
        if picture.mode.startswith("I"):  # 16-bit gray
            picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
        if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
            rgba = picture.convert("RGBA")
            white = Image.new("RGB", rgba.size, (255, 255, 255))
            white.paste(rgba, mask=rgba.getchannel("A"))
            return white
        return picture.convert("RGB")


class Golden:
    def __init__(self):
        OUT.mkdir(parents=True, exist_ok=True)
        for old in OUT.iterdir():
            old.unlink()
        self.rows = []
        self.expected_files = {}

    def add(self, name, tolerance, picture=None, data=None, **save):
        path = OUT / name
        if data is not None:
            path.write_bytes(data)
        else:
            picture.save(path, **save)
        self.expect(name, tolerance)

    def expect(self, name, tolerance, reduce_to=0, scale=None):
        self.expect_picture(name, tolerance, expected(OUT / name, scale=scale), reduce_to=reduce_to)

    def add_array(self, name, data, wanted, tolerance="exact", remark=""):
        """A file that Pillow does not read, or reads otherwise. wanted: [H, W] or [H, W, 3] bytes."""
        (OUT / name).write_bytes(data)
        self.expect_picture(name, tolerance, Image.fromarray(wanted).convert("RGB"), remark=remark)

    def expect_picture(self, name, tolerance, picture, *, reduce_to=0, remark=""):
        wanted = self.expected_files.setdefault(
            (picture.size, picture.tobytes()), f"expected_{len(self.expected_files)}.png")
        picture.save(OUT / wanted, optimize=True)
        self.rows.append((name, reduce_to, wanted, tolerance, remark))


def oriented(orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


def decode_goldens(golden):
    rgb, alpha = scene(), alpha_channel()
    gray = rgb.convert("L")
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    la = gray.copy()
    la.putalpha(alpha)
    palette = rgb.quantize(16)
    deep = np.asarray(gray).astype(np.uint16) * 256 + 100

    # Pillow bundles another libjpeg-turbo; see kTolerance in decode_test.cc.
    golden.add("rgb.jpg", "jpeg", rgb, quality=90, subsampling=0)
    golden.add("subsampled.jpg", "jpeg", rgb, quality=80, subsampling=2)
    golden.add("progressive.jpg", "jpeg", rgb, quality=85, progressive=True)
    golden.add("gray.jpg", "jpeg", gray, quality=90)
    golden.add("cmyk.jpg", "jpeg", rgb.convert("CMYK"), quality=90)
    large = scene(64, 56)
    golden.add("reducible.jpg", "jpeg", large, quality=90)
    golden.expect("reducible.jpg", "jpeg", reduce_to=14, scale=(16, 14))
    golden.expect("reducible.jpg", "jpeg", reduce_to=15, scale=(32, 28))
    for orientation in range(1, 9):
        golden.add(f"orientation{orientation}.jpg", "jpeg", scene(24, 16), quality=90,
                   exif=oriented(orientation))

    golden.add("rgb.png", "exact", rgb)
    golden.add("gray.png", "exact", gray)
    golden.add("bilevel.png", "exact", gray.convert("1"))
    golden.add("palette.png", "exact", palette)
    golden.add("palette_transparent.png", "exact", palette, transparency=3)
    golden.add("palette_alpha.png", "exact", palette, transparency=bytes(range(0, 256, 16)))
    golden.add("color_key.png", "exact", rgb, transparency=(230, 40, 20))
    golden.add("rgba.png", "exact", rgba)
    golden.add("la.png", "exact", la)
    golden.add("gray16.png", "exact", Image.fromarray(deep))
    golden.add("rgb16.png", "exact", data=png_16_bits(rgb))
    golden.add("orientation6.png", "exact", rgb, exif=oriented(6))

    golden.add("lossless.webp", "exact", rgb, lossless=True)
    golden.add("lossy.webp", "exact", rgb, quality=85)
    golden.add("alpha.webp", "exact", rgba, lossless=True)
    golden.add("animated.webp", "exact", rgb, save_all=True, append_images=[rgb.rotate(180)],
               lossless=True)
    golden.add("orientation8.webp", "exact", rgb, lossless=True, exif=oriented(8))

    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        golden.add(f"{compression}.tif", "exact", rgb, compression=compression)
    golden.add("jpeg.tif", "jpeg", rgb, compression="jpeg")
    golden.add("gray.tif", "exact", gray)
    golden.add("group4.tif", "exact", gray.convert("1"), compression="group4")
    golden.add("palette.tif", "exact", palette)
    golden.add("rgba.tif", "rounding", rgba, compression="tiff_lzw")
    golden.add("la.tif", "rounding", la)
    golden.add("cmyk.tif", "rounding", rgb.convert("CMYK"))
    golden.add("gray16.tif", "rounding", Image.fromarray(deep))
    golden.add("orientation5.tif", "exact", rgb, tiffinfo={ORIENTATION: 5})

    golden.add("rgb.bmp", "exact", rgb)
    golden.add("palette.bmp", "exact", palette)
    golden.add("gray.bmp", "exact", gray)
    golden.add("palette.gif", "exact", palette)
    golden.add("transparent.gif", "exact", palette, transparency=5)
    golden.add("animated.gif", "exact", palette, save_all=True,
               append_images=[palette.rotate(180)])
    golden.add("rgb.ppm", "exact", rgb)
    golden.add("gray.pgm", "exact", gray)
    small = scene(12, 10)
    text = " ".join(str(v) for v in np.asarray(small).ravel())
    golden.add("plain.ppm", "exact", data=f"P3\n# a comment\n12 10\n255\n{text}\n".encode())

    golden.add("rgb.avif", "video", rgb, quality=90, subsampling="4:4:4")
    golden.add("alpha.avif", "video", rgba, quality=90, subsampling="4:4:4")
    golden.add("orientation6.avif", "video", rgb, quality=90, subsampling="4:4:4",
               exif=oriented(6))
    golden.add("rgb.heic", "video", rgb, quality=90, chroma=444)
    golden.add("subsampled.heic", "video", rgb, quality=90)
    golden.add("orientation6.heic", "video", rgb, quality=90, chroma=444, exif=oriented(6))


def over_white(color, alpha):
    opacity = alpha[..., None] / 255
    return (color * opacity + 255 * (1 - opacity)).round().astype(np.uint8)


def stretched(levels):
    """The lowest level becomes black, the highest white."""
    low, high = levels.min(), levels.max()
    return ((levels - low) * (255 / (high - low)) + 0.5).astype(np.uint8)


def tiff_goldens(golden):
    """Bands without a declared meaning are no alpha; levels of every kind are scaled."""
    rgb = np.asarray(scene(24, 20))
    gray = np.asarray(scene(24, 20).convert("L"))
    alpha = np.asarray(alpha_channel(24, 20))
    infrared = 255 - gray
    four = np.dstack([rgb, infrared])
    deep = four.astype(np.uint16) * 257
    rgb_photometric, cmyk_photometric, unspecified, straight = 2, 5, 0, 2

    def add(name, array, wanted, *, tolerance="exact", remark="", photometric=rgb_photometric, **kw):
        data = image_bytes.tiff(array, photometric=photometric, **kw)
        golden.add_array(name, data, wanted, tolerance, remark)

    add("bands4.tif", four, rgb, extra=[unspecified], remark="bands")
    add("bands4_undeclared.tif", four, rgb, remark="bands")
    add("bands4_planar.tif", four, rgb, extra=[unspecified], planar=True, remark="bands")
    add("bands4_16.tif", deep, rgb, extra=[unspecified], order=">", remark="bands")
    add("bands4_16_planar.tif", deep, rgb, extra=[unspecified], planar=True, remark="bands")
    add("bands6_gray.tif", np.dstack([four, gray, gray]), rgb, photometric=1, extra=[0] * 5,
        remark="bands")
    add("bands2.tif", np.dstack([gray, infrared]), gray, photometric=1, extra=[unspecified],
        remark="bands")
    add("bands5_alpha.tif", np.dstack([four, alpha]), over_white(rgb, alpha), tolerance="rounding",
        extra=[unspecified, straight], remark="bands")
    add("rgba16.tif", np.dstack([rgb, alpha]).astype(np.uint16) * 257, over_white(rgb, alpha),
        tolerance="rounding", extra=[straight])
    add("tile16.tif", rgb, rgb, tile=16)
    add("tile16_planar.tif", deep[..., :3], rgb, tile=16, planar=True, order=">")

    gray_photometric = {"photometric": 1, "remark": "levels"}
    add("gray12in16.tif", gray.astype(np.uint16) * 16, gray, **gray_photometric)
    add("gray12.tif", gray.astype(np.uint16) * 16 + 9, gray, photometric=1, bits=12)
    add("rgb4.tif", rgb // 16, rgb // 16 * 17, bits=4)
    add("white_is_zero16.tif", deep[..., 3], gray, photometric=0, order=">")
    add("half.tif", (rgb / 255).astype(np.float16), rgb, tolerance="rounding", remark="levels")
    add("float.tif", (gray / 255).astype(np.float32), gray, order=">", **gray_photometric)
    add("double.tif", rgb.astype(np.float64), rgb, remark="levels")
    kelvin = gray.astype(np.float32) / 8 + 280.5
    kelvin[0, 0] = np.nan
    wanted = ((np.nan_to_num(kelvin) * (255 / 1023)) + 0.5).astype(np.uint8)
    add("float_nan.tif", kelvin, wanted, **gray_photometric)
    height_model = gray.astype(np.float32) - 300.5
    wanted = stretched(height_model)
    height_model[4:9, 3:7], wanted[4:9, 3:7] = -9999, 0
    add("float_no_data.tif", height_model, wanted, tags=[(42113, 2, b"-9999\0")],
        **gray_photometric)
    add("signed16.tif", gray.astype(np.int16) - 1024, stretched(gray.astype(float)),
        **gray_photometric)
    add("signed8.tif", (gray // 2).astype(np.int8) - 100, stretched(gray // 2 * 1.0),
        **gray_photometric)
    add("unsigned32.tif", gray.astype(np.uint32) * 1000000, stretched(gray.astype(float)),
        tolerance="rounding", **gray_photometric)
    inks = np.asarray(scene(24, 20).convert("CMYK"))
    add("cmyk16.tif", inks.astype(np.uint16) * 257, rgb, tolerance="rounding",
        photometric=cmyk_photometric, extra=[], order=">")
    upright = np.asarray(ImageOps.mirror(scene(24, 20)))
    for name, kind in (("byte", 1), ("long", 4)):
        add(f"orientation2_{name}.tif", rgb, upright, order=">", tags=[(ORIENTATION, kind, [2])])


def levels_goldens(golden):
    """What TIFF does with levels, the other formats do too."""
    rgb = scene(24, 20)
    gray = np.asarray(rgb.convert("L"))
    golden.add_array("gray12in16.png", png_16_bits(gray, 16, 9), gray, remark="levels")
    golden.add_array("rgb10in16.png", png_16_bits(np.asarray(rgb), 4, 3), np.asarray(rgb),
                     remark="levels")
    for name, maximum, factor, remark in (("gray12in16", 65535, 16, "levels"), ("gray12", 4095, 16, ""),
                                          ("gray16", 65535, 257, "")):
        values = (gray.astype(np.uint16) * factor).astype(">u2").tobytes()
        golden.add_array(f"{name}.pgm", f"P5 24 20 {maximum}\n".encode() + values, gray,
                         remark=remark)


def bmp_goldens(golden):
    rgb = np.asarray(scene(23, 20))  # rows that are not a multiple of four bytes
    alpha = np.asarray(alpha_channel(23, 20))
    size = rgb.shape[:2]
    bgr = [row[:, ::-1].tobytes() for row in rgb]
    bgra = [row.tobytes() for row in np.dstack([rgb[..., ::-1], alpha])]
    bgr0 = [row.tobytes() for row in np.dstack([rgb[..., ::-1], 0 * alpha])]
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)

    def add(name, bits, rows, wanted, tolerance="exact", **kw):
        golden.add_array(name, image_bytes.bmp(size, bits, rows, **kw), wanted, tolerance)

    add("top_down.bmp", 24, bgr, rgb, top_down=True)
    add("unused_byte.bmp", 32, bgra, rgb)
    add("unused_byte_v4.bmp", 32, bgra, rgb, header=108, masks=masks)
    add("fields32.bmp", 32, bgra, rgb, compression=3, masks=masks[:3])
    add("alpha_v4.bmp", 32, bgra, over_white(rgb, alpha), header=108, compression=3, masks=masks)
    add("alpha_v5_top_down.bmp", 32, bgra, over_white(rgb, alpha), header=124, compression=3,
        masks=masks, top_down=True)
    add("alpha_unused_v5.bmp", 32, bgr0, rgb, header=124, compression=3, masks=masks)
    red, green, blue = (rgb[..., i].astype(np.uint16) >> 3 for i in range(3))
    wide_green = rgb[..., 1].astype(np.uint16) >> 2
    five = ((rgb >> 3) * (255 / 31) + 0.5).astype(np.uint8)
    six = five.copy()
    six[..., 1] = ((rgb[..., 1] >> 2) * (255 / 63) + 0.5).astype(np.uint8)
    rows555 = [row.astype("<u2").tobytes() for row in red << 10 | green << 5 | blue]
    rows565 = [row.astype("<u2").tobytes() for row in red << 11 | wide_green << 5 | blue]
    add("rgb555.bmp", 16, rows555, five)
    add("rgb565.bmp", 16, rows565, six, compression=3, masks=(0xF800, 0x7E0, 0x1F))

    palette = Image.fromarray(rgb).quantize(16)
    indices = np.asarray(palette)
    colors = np.array(palette.getpalette()[:48], np.uint8).reshape(16, 3)
    wanted = colors[indices]
    for bits in (1, 2, 4, 8):
        cut = indices.astype(int) % 2**bits
        rows = [image_bytes.bit_row(row, bits) for row in cut]
        add(f"palette{bits}.bmp", bits, rows, colors[cut], colors=colors[:2**bits])
    add("palette_os2.bmp", 4, [image_bytes.bit_row(row, 4) for row in indices], wanted,
        colors=colors, header=12)
    for bits, compression in ((8, 1), (4, 2)):
        add(f"rle{bits}.bmp", bits, None, wanted, compression=compression, colors=colors,
            runs=image_bytes.bmp_runs(indices, nibbles=bits == 4))
    jumped = np.zeros(size, int)
    jumped[-1, :2], jumped[-3, 5:9] = 5, 6
    add("rle8_jump.bmp", 8, None, colors[jumped], compression=1, colors=colors,
        runs=bytes([2, 5, 0, 2, 3, 2, 4, 6, 0, 1]))


def gif_goldens(golden):
    palette = scene(24, 20).quantize(16)
    indices = np.asarray(palette)
    colors = palette.getpalette()[:48]
    colors = [colors[i:i + 3] for i in range(0, 48, 3)]
    for name, canvas, place, options in (
        ("cropped_transparent", (40, 32), (7, 5), {"transparent": 3, "background": 2}),
        ("cropped", (40, 32), (7, 5), {}),
        ("large_frame", (10, 8), (0, 0), {}),
        ("large_frame_transparent", (30, 8), (2, 1), {"transparent": 3}),
        ("interlaced", (20, 24), (0, 0), {"interlaced": True}),
    ):
        golden.add(f"{name}.gif", "exact",
                   data=image_bytes.gif(canvas, place, indices, colors, **options))


def exif_goldens(golden):
    """Orientation stored as LONG, which Pillow reads, in the formats that carry EXIF."""
    block = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x04\0\0\0\x01\0\0\0\x06\0\0\0\0"
    picture = scene(24, 16)
    golden.add("orientation6_long.jpg", "jpeg", picture, quality=90, exif=block)
    golden.add("orientation6_long.png", "exact", picture, exif=block)
    golden.add("orientation6_long.webp", "exact", picture, lossless=True, exif=block)


def png_16_bits(picture, factor=256, offset=200):
    """Pillow cannot write RGB with 16 bits: the chunks by hand, low bytes not repeating the high."""
    import struct
    import zlib

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


def resize_goldens():
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (37, 53, 3), dtype=np.uint8))
    noise.save(OUT / "resize.png")
    whole = (0.0, 0.0, 53.0, 37.0)
    cases = [
        (whole, 53, 37),  # nothing to do
        (whole, 106, 74),
        (whole, 20, 14),
        (whole, 7, 5),
        (whole, 1, 1),
        (whole, 64, 37),  # one axis only
        (whole, 53, 9),
        (whole, 3, 60),
        ((10.0, 5.0, 42.0, 37.0), 32, 32),  # a crop
        ((10.0, 5.0, 40.0, 30.0), 32, 32),
        ((3.3, 4.7, 29.9, 31.2), 32, 32),
        ((0.25, 0.5, 52.75, 36.125), 24, 48),
        ((20.0, 0.0, 21.0, 37.0), 16, 16),
        ((50.1, 35.9, 53.0, 37.0), 40, 2),
        ((0.0, 0.0, 53.0, 1.0), 8, 24),
        ((12.0, 0.0, 30.0, 37.0), 18, 37),  # only the box differs
    ]
    rows = []
    for i, (box, width, height) in enumerate(cases):
        name = f"resize_{i}.png"
        noise.resize((width, height), Image.Resampling.BILINEAR, box=box).save(OUT / name)
        rows.append((*box, width, height, name, int(Image.Resampling.BILINEAR)))
    for code in sorted(set(Image.Resampling) - {Image.Resampling.BILINEAR}):
        for i, (box, width, height) in enumerate([
            (whole, 71, 50),
            (whole, 20, 14),
            (whole, 53, 9),  # one axis only
            ((3.3, 4.7, 29.9, 31.2), 32, 32),
            ((50.1, 35.9, 53.0, 37.0), 40, 2),
        ]):
            name = f"resize_{code.name.lower()}_{i}.png"
            noise.resize((width, height), code, box=box).save(OUT / name)
            rows.append((*box, width, height, name, int(code)))
    return rows


def write_csv(name, rows):
    with open(OUT / name, "w", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(rows)


def main():
    golden = Golden()
    decode_goldens(golden)
    tiff_goldens(golden)
    levels_goldens(golden)
    bmp_goldens(golden)
    gif_goldens(golden)
    exif_goldens(golden)
    write_csv("decode.csv", golden.rows)
    write_csv("resize.csv", resize_goldens())


if __name__ == "__main__":
    main()
