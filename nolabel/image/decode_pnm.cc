// PPM and PGM, binary (P6, P5) and plain (P3, P2), with any maximum up to 65535. The format is
// simpler than an interface to a library would be.
#include <charconv>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/image/codecs.h"
#include "nolabel/image/compose.h"

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

// What the header says, and where the values begin.
struct PnmHeader {
  bool plain = false, gray = false;
  int maximum = 255;
};

// All values in order, T wide enough for the maximum.
template <class T>
std::vector<T> read_values(PnmReader& reader, const PnmHeader& header, size_t count) {
  std::vector<T> values(count);
  for (T& value : values) {
    const int stored = header.plain ? reader.number() : reader.sample(header.maximum > 255);
    if (stored > header.maximum) fail_data("corrupt PPM or PGM: a value above the maximum");
    value = static_cast<T>(stored);
  }
  return values;
}

}  // namespace

DecodedImage decode_pnm(Bytes file, const DecodeOptions& options) {
  PnmReader reader(file.subspan(1));  // after 'P'
  const char kind = reader.character();
  PnmHeader header{.plain = kind == '2' || kind == '3', .gray = kind == '2' || kind == '5'};
  const int width = reader.number(), height = reader.number();
  header.maximum = reader.number();
  check_size(height, width, options);
  if (options.only_size) return only_size(height, width);
  if (header.maximum < 1 || header.maximum > 65535) {
    fail_data("corrupt PPM or PGM: its maximum is {}", header.maximum);
  }
  reader.character();  // the one space before binary data
  // A value takes a byte at least: the size is checked before pixels are allocated.
  const size_t count = size_t(height) * width * (header.gray ? 1 : 3);
  if (reader.bytes_left() < count) fail_data("truncated PPM or PGM");

  const SampleLayout layout{.height = static_cast<size_t>(height),
                            .width = static_cast<size_t>(width),
                            .color = header.gray ? SampleColor::gray : SampleColor::rgb,
                            .stated_white = header.maximum,
                            .scales_levels = header.maximum > 255};
  if (header.maximum > 255) {
    return compose(read_values<uint16_t>(reader, header, count).data(), layout);
  }
  return compose(read_values<uint8_t>(reader, header, count).data(), layout);
}

}  // namespace nolabel
