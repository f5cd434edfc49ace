"""Golden files of the kinds of TIFF, BMP, GIF and EXIF that programs write and Pillow does not, or
that Pillow reads otherwise."""

import image_bytes
import numpy as np
from image_scenes import alpha_channel, over_white, scene, stretched
from PIL import Image, ImageOps

ORIENTATION = 0x0112


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
    golden.add_array("gray12in16.png", image_bytes.png_16_bits(gray, 16, 9), gray, remark="levels")
    golden.add_array("rgb10in16.png", image_bytes.png_16_bits(np.asarray(rgb), 4, 3), np.asarray(rgb),
                     remark="levels")
    for name, maximum, factor, remark in (("gray12in16", 65535, 16, "levels"), ("gray12", 4095, 16, ""),
                                          ("gray16", 65535, 257, "")):
        values = (gray.astype(np.uint16) * factor).astype(">u2").tobytes()
        golden.add_array(f"{name}.pgm", f"P5 24 20 {maximum}\n".encode() + values, gray,
                         remark=remark)


def outliers_goldens(golden):
    """A hot pixel or a border does not darken the rest; it becomes white or black itself."""
    gray = np.asarray(scene(48, 40).convert("L"))
    twelve_bits = gray.astype(np.uint16) * 16 + 9
    places = {"hot": (slice(20, 21), slice(30, 31)), "border": (slice(0, 6), slice(None))}

    def marked(array, place, level):
        result = array.copy()
        result[places[place]] = level
        return result

    for place in places:
        deep = marked(twelve_bits, place, 65535)
        bright = marked(gray, place, 255)
        golden.add_array(f"outlier_{place}.png", image_bytes.png_16_bits(deep, 1, 0), bright,
                         remark="levels")
        for name, array in (("16", deep), ("float", marked(gray / 255, place, 1e6)),
                            ("signed16", marked(gray * 1.0, place, 32767))):
            dtype = {"16": np.uint16, "float": np.float32, "signed16": np.int16}[name]
            golden.add_array(f"outlier_{place}_{name}.tif", image_bytes.tiff(array.astype(dtype)),
                             bright, remark="levels")
    for dtype in (np.float32, np.int16, np.int32):
        low = marked(gray * 1.0, "border", -9999).astype(dtype)
        golden.add_array(f"outlier_low_{np.dtype(dtype).name}.tif", image_bytes.tiff(low),
                         marked(gray, "border", 0), remark="levels")


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
