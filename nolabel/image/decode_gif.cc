// The first frame of a GIF by giflib, laid on the picture's canvas as Pillow does: the canvas grows
// when the frame reaches beyond it, and is transparent around the frame when the frame has a
// transparent color.
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/image/codecs.h"

namespace nolabel {
namespace {

struct GifInput {
  Bytes rest;
  bool ended = false;  // giflib asked for bytes past the end of the file

  static int read(GifFileType* gif, GifByteType* out, int bytes) {
    auto& input = *static_cast<GifInput*>(gif->UserData);
    const size_t n = std::min<size_t>(std::max(bytes, 0), input.rest.size());
    input.ended |= n < static_cast<size_t>(std::max(bytes, 0));
    std::memcpy(out, input.rest.data(), n);
    input.rest = input.rest.subspan(n);
    return static_cast<int>(n);
  }
};

[[noreturn]] void fail(const GifInput& input, int error) {
  if (input.ended) fail_data("truncated GIF");
  const char* reason = GifErrorString(error);
  fail_data("corrupt GIF: {}", reason != nullptr ? reason : "no reason given");
}

// giflib's reader; every failed call becomes an exception.
class GifReader {
 public:
  explicit GifReader(Bytes file) : input_{file} {
    int error = 0;
    gif_.reset(DGifOpen(&input_, GifInput::read, &error));
    if (gif_ == nullptr) fail(input_, error);
  }
  GifFileType* operator->() const { return gif_.get(); }

  // Goes to the first frame. Returns the index of its transparent color, or NO_TRANSPARENT_COLOR.
  int find_frame() {
    int transparent = NO_TRANSPARENT_COLOR;
    for (;;) {
      GifRecordType record = UNDEFINED_RECORD_TYPE;
      check(DGifGetRecordType(gif_.get(), &record));
      if (record == TERMINATE_RECORD_TYPE) fail_data("corrupt GIF: it has no picture");
      if (record == IMAGE_DESC_RECORD_TYPE) break;
      if (record == EXTENSION_RECORD_TYPE) read_extension(transparent);
    }
    check(DGifGetImageDesc(gif_.get()));
    return transparent;
  }

  void read_row(uint8_t* indices, int width) { check(DGifGetLine(gif_.get(), indices, width)); }

 private:
  struct Close {
    void operator()(GifFileType* gif) const {
      int ignored = 0;  // nothing is written, so closing loses nothing
      DGifCloseFile(gif, &ignored);
    }
  };

  void check(int status) const {
    if (status != GIF_OK) fail(input_, gif_->Error);
  }

  void read_extension(int& transparent) {
    int code = 0;
    GifByteType* block = nullptr;  // its length, then its bytes
    check(DGifGetExtension(gif_.get(), &code, &block));
    while (block != nullptr) {
      GraphicsControlBlock control;
      if (code == GRAPHICS_EXT_FUNC_CODE &&
          DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
        transparent = control.TransparentColor;
      }
      check(DGifGetExtensionNext(gif_.get(), &block));
    }
  }

  GifInput input_;
  std::unique_ptr<GifFileType, Close> gif_;
};

using Color = std::array<uint8_t, 3>;
constexpr Color kWhite = {255, 255, 255};

// 256 colors: a table is padded with black. Without any table the indices are gray levels.
std::array<Color, 256> colors_of(const ColorMapObject* table) {
  std::array<Color, 256> colors{};
  for (int i = 0; i < 256; ++i) {
    if (table == nullptr) {
      colors[i].fill(static_cast<uint8_t>(i));
    } else if (i < table->ColorCount) {
      colors[i] = {table->Colors[i].Red, table->Colors[i].Green, table->Colors[i].Blue};
    }
  }
  return colors;
}

// What lies around the frame.
Color surroundings(const GifReader& gif, int transparent) {
  if (transparent != NO_TRANSPARENT_COLOR || gif->SColorMap == nullptr) return kWhite;
  return colors_of(gif->SColorMap)[gif->SBackGroundColor & 0xFF];
}

// The rows of a frame in the order in which they are stored.
std::vector<int> stored_rows(int height, bool interlaced) {
  std::vector<int> rows;
  rows.reserve(height);
  struct Pass {
    int first, step;
  };
  constexpr std::array<Pass, 4> kInterlaced = {{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  if (!interlaced) {
    for (int y = 0; y < height; ++y) rows.push_back(y);
  } else {
    for (const Pass pass : kInterlaced) {
      for (int y = pass.first; y < height; y += pass.step) rows.push_back(y);
    }
  }
  return rows;
}

}  // namespace

DecodedImage decode_gif(Bytes file, const DecodeOptions& options) {
  GifReader gif(file);
  const int transparent = gif.find_frame();
  const GifImageDesc& frame = gif->Image;
  check_size(frame.Height, frame.Width, options);
  const int height = std::max(gif->SHeight, frame.Top + frame.Height);
  const int width = std::max(gif->SWidth, frame.Left + frame.Width);
  check_size(height, width, options);
  if (options.only_size) return only_size(height, width);

  Image image(height, width);
  const Color around = surroundings(gif, transparent);
  for (size_t i = 0; i < image.pixels.size(); i += 3) {
    std::copy(around.begin(), around.end(), &image.pixels[i]);
  }
  auto colors = colors_of(frame.ColorMap != nullptr ? frame.ColorMap : gif->SColorMap);
  if (transparent != NO_TRANSPARENT_COLOR) colors[transparent & 0xFF] = kWhite;
  std::vector<uint8_t> indices(frame.Width);
  for (const int y : stored_rows(frame.Height, frame.Interlace)) {
    gif.read_row(indices.data(), frame.Width);
    uint8_t* pixel = &image.pixels[3 * (size_t(frame.Top + y) * width + frame.Left)];
    for (const uint8_t index : indices) pixel = std::copy_n(colors[index].begin(), 3, pixel);
  }
  return image;
}

}  // namespace nolabel
