// PPM and PGM, binary (P6, P5) and plain (P3, P2), with any maximum up to 65535. The format is
// simpler than an interface to a library would be.
#include <charconv>

#include "nolabel/base/error.h"
#include "nolabel/image/codecs.h"

namespace nolabel {
namespace {

class PnmReader {
 public:
  explicit PnmReader(Bytes file)
      : next_(reinterpret_cast<const char*>(file.data())), end_(next_ + file.size()) {}

  char character() {
    if (next_ == end_) fail_data("truncated PPM or PGM");
    return *next_++;
  }

  // The next decimal number; spaces and comments before it are skipped.
  int number() {
    skip_spaces();
    int value = 0;
    const auto [after, error] = std::from_chars(next_, end_, value);
    if (next_ == end_) fail_data("truncated PPM or PGM");
    if (error != std::errc() || value < 0) fail_data("corrupt PPM or PGM: a number is expected");
    next_ = after;
    return value;
  }

  // One or two bytes, the higher first.
  int sample(bool two_bytes) {
    const int first = static_cast<uint8_t>(character());
    return two_bytes ? first * 256 + static_cast<uint8_t>(character()) : first;
  }

  size_t bytes_left() const { return static_cast<size_t>(end_ - next_); }

 private:
  void skip_spaces() {
    while (next_ != end_ && (is_space(*next_) || *next_ == '#')) {
      if (*next_ == '#') {
        while (next_ != end_ && *next_ != '\n') ++next_;
      } else {
        ++next_;
      }
    }
  }
  static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

  const char* next_;
  const char* end_;
};

uint8_t to_8_bits(int value, int maximum) {
  if (value > maximum) fail_data("corrupt PPM or PGM: a value above the maximum");
  return static_cast<uint8_t>((value * int64_t{255} + maximum / 2) / maximum);
}

}  // namespace

Image decode_pnm(Bytes file, const DecodeOptions& options) {
  PnmReader reader(file.subspan(1));  // after 'P'
  const char kind = reader.character();
  const bool plain = kind == '2' || kind == '3', gray = kind == '2' || kind == '5';
  const int width = reader.number(), height = reader.number(), maximum = reader.number();
  check_size(height, width, options);
  if (maximum < 1 || maximum > 65535) fail_data("corrupt PPM or PGM: its maximum is {}", maximum);
  reader.character();  // the one space before binary data
  // A value takes a byte at least: the size is checked before pixels are allocated.
  const size_t values = size_t(height) * width * (gray ? 1 : 3);
  if (reader.bytes_left() < values) fail_data("truncated PPM or PGM");

  Image image(height, width);
  for (size_t i = 0; i < image.pixels.size(); i += 3) {
    for (int c = 0; c < 3; ++c) {
      if (gray && c > 0) {
        image.pixels[i + c] = image.pixels[i];
      } else {
        const int value = plain ? reader.number() : reader.sample(maximum > 255);
        image.pixels[i + c] = to_8_bits(value, maximum);
      }
    }
  }
  return image;
}

}  // namespace nolabel
