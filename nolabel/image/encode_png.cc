#include <png.h>

#include "nolabel/base/error.h"
#include "nolabel/image/encode.h"
#include "nolabel/image/escape.h"

namespace nolabel {
namespace {

struct PngWriter {
  std::string out;
  Escape escape;
  png_structp png = nullptr;
  png_infop info = nullptr;

  PngWriter() = default;
  PngWriter(const PngWriter&) = delete;
  ~PngWriter() { png_destroy_write_struct(&png, &info); }
};

void create(PngWriter& writer) {
  writer.png = png_create_write_struct(
      PNG_LIBPNG_VER_STRING, &writer,
      [](png_structp failed, png_const_charp message) {
        static_cast<PngWriter*>(png_get_error_ptr(failed))->escape.leave(message);
      },
      [](png_structp, png_const_charp) {});
  if (writer.png == nullptr) writer.escape.leave("libpng does not start");
  writer.info = png_create_info_struct(writer.png);
  png_set_write_fn(
      writer.png, &writer,
      [](png_structp png, png_bytep bytes, size_t n) {
        static_cast<PngWriter*>(png_get_io_ptr(png))
            ->out.append(reinterpret_cast<const char*>(bytes), n);
      },
      [](png_structp) {});
}

void write(PngWriter& writer, ImageView image) {
  constexpr int kBits = 8;
  png_set_IHDR(writer.png, writer.info, image.width, image.height, kBits, PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.png, writer.info);
  for (int y = 0; y < image.height; ++y) png_write_row(writer.png, image.pixel(y, 0));
  png_write_end(writer.png, writer.info);
}

}  // namespace

std::string encode_png(ImageView image) {
  PngWriter writer;
  const bool written = writer.escape.run([&] {
    create(writer);
    write(writer, image);
  });
  if (!written) fail_system("cannot write PNG: {}", writer.escape.message());
  return std::move(writer.out);
}

}  // namespace nolabel
