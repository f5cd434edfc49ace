#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>

#include "nolabel/base/error.h"
#include "nolabel/image/encode.h"
#include "nolabel/image/escape.h"

namespace nolabel {
namespace {

// Owns libjpeg's state and the buffer that it grows.
struct Compressor {
  jpeg_compress_struct info{};
  jpeg_error_mgr callbacks{};
  Escape escape;
  unsigned char* out = nullptr;
  unsigned long bytes = 0;

  Compressor() {
    info.err = jpeg_std_error(&callbacks);
    info.client_data = this;
    callbacks.error_exit = [](j_common_ptr common) {
      char message[JMSG_LENGTH_MAX];
      common->err->format_message(common, message);
      static_cast<Compressor*>(common->client_data)->escape.leave(message);
    };
    callbacks.output_message = [](j_common_ptr) {};
  }
  Compressor(const Compressor&) = delete;
  ~Compressor() {
    jpeg_destroy_compress(&info);
    std::free(out);
  }
};

void compress(Compressor& jpeg, ImageView image, int quality, Chroma chroma) {
  jpeg_compress_struct& info = jpeg.info;
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &jpeg.out, &jpeg.bytes);
  info.image_height = image.height;
  info.image_width = image.width;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  if (chroma == Chroma::full) {
    info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;
  }
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(image.pixel(static_cast<int>(info.next_scanline), 0));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
}

}  // namespace

std::string encode_jpeg(ImageView image, int quality, Chroma chroma) {
  if (quality < 1 || quality > 100)
    fail_usage("JPEG quality must be 1..100. Received {}.", quality);
  Compressor jpeg;
  if (!jpeg.escape.run([&] { compress(jpeg, image, quality, chroma); })) {
    fail_system("cannot write JPEG: {}", jpeg.escape.message());
  }
  return std::string(reinterpret_cast<const char*>(jpeg.out), jpeg.bytes);
}

}  // namespace nolabel
