"""Golden files of nolabel/image, made with Pillow: python tools/golden/image.py

Writes nolabel/image/testdata/: pictures in every format and mode, decode.csv (picture, reduction,
expected pixels, kind of tolerance, remark), resize.csv (box, target, expected pixels, Pillow's code
of the filter), and the expected pixels as 8-bit RGB PNG, each content once.
"""

import csv
import pathlib

import image_kinds
import numpy as np
import pillow_heif
from image_bytes import png_16_bits
from image_scenes import alpha_channel, scene
from PIL import Image, ImageOps

OUT = pathlib.Path(__file__).resolve().parents[2] / "nolabel" / "image" / "testdata"
ORIENTATION = 0x0112

pillow_heif.register_heif_opener()


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
    image_kinds.tiff_goldens(golden)
    image_kinds.levels_goldens(golden)
    image_kinds.bmp_goldens(golden)
    image_kinds.gif_goldens(golden)
    image_kinds.exif_goldens(golden)
    image_kinds.outliers_goldens(golden)
    write_csv("decode.csv", golden.rows)
    write_csv("resize.csv", resize_goldens())


if __name__ == "__main__":
    main()
