#include <cstdlib>
#include <cstring>
#include <string>

#include "nolabel/base/error.h"
#include "nolabel/image/tiff_samples.h"

namespace nolabel {
namespace {

constexpr uint32_t kGdalNoDataTag = 42113;

uint16_t tag(TIFF* tiff, uint32_t name) {
  uint16_t value = 0;
  TIFFGetFieldDefaulted(tiff, name, &value);
  return value;
}

// GDAL writes the level as text. libtiff does not know the tag, and passes such tags with a count.
std::optional<double> missing_level(TIFF* tiff) {
  const TIFFField* field = TIFFFindField(tiff, kGdalNoDataTag, TIFF_ASCII);
  if (field == nullptr || TIFFFieldPassCount(field) == 0) return std::nullopt;
  uint32_t count = 0;
  const char* text = nullptr;
  if (TIFFGetField(tiff, kGdalNoDataTag, &count, &text) == 0 || text == nullptr) {
    return std::nullopt;
  }
  const std::string number(text, strnlen(text, count));
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  return end == number.c_str() ? std::nullopt : std::optional(value);
}

// The photometric interpretation; where the tag is absent, what libtiff assumes.
uint16_t photometric(TIFF* tiff, const TiffLayout& layout) {
  uint16_t value = 0;
  if (TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &value) != 0) return value;
  if (layout.samples >= 3) return PHOTOMETRIC_RGB;
  switch (tag(tiff, TIFFTAG_COMPRESSION)) {
    case COMPRESSION_CCITTRLE:
    case COMPRESSION_CCITTRLEW:
    case COMPRESSION_CCITTFAX3:
    case COMPRESSION_CCITTFAX4:
      return PHOTOMETRIC_MINISWHITE;
    default:
      return PHOTOMETRIC_MINISBLACK;
  }
}

// Which samples are colors, which is alpha. Only a sample that is declared as alpha is alpha: the
// fourth band of an aerial or satellite picture is near infrared.
void choose_bands(TIFF* tiff, TiffLayout& layout) {
  uint16_t extras = 0;
  const uint16_t* kinds = nullptr;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extras, &kinds);
  std::optional<uint16_t> alpha;
  for (uint16_t i = 0; i < extras && extras <= layout.samples && !alpha; ++i) {
    const bool premultiplied = kinds[i] == EXTRASAMPLE_ASSOCALPHA;
    if (!premultiplied && kinds[i] != EXTRASAMPLE_UNASSALPHA) continue;
    alpha = static_cast<uint16_t>(layout.samples - extras + i);
    layout.alpha = premultiplied ? SampleAlpha::premultiplied : SampleAlpha::straight;
  }
  const int bands = layout.samples - (alpha ? 1 : 0);
  // Gray with further bands is what programs of remote sensing write for any number of bands.
  if (layout.color != SampleColor::cmyk) {
    layout.color = bands >= 3 ? SampleColor::rgb : SampleColor::gray;
  }
  const int colors = layout.color == SampleColor::gray  ? 1
                     : layout.color == SampleColor::rgb ? 3
                                                        : 4;
  if (bands < colors) fail_data("corrupt TIFF: {} bands, {} are required", bands, colors);
  layout.bands_dropped = bands > colors;
  for (uint16_t band = 0; static_cast<int>(layout.bands.size()) < colors; ++band) {
    if (band != alpha) layout.bands.push_back(band);
  }
  if (alpha) layout.bands.push_back(*alpha);
}

void check_samples(const TiffLayout& layout) {
  const int bits = layout.bits;
  bool known = false;
  switch (layout.format) {
    case SAMPLEFORMAT_UINT:
    case SAMPLEFORMAT_VOID:
      known = (bits >= 1 && bits <= 32) || bits == 64;
      break;
    case SAMPLEFORMAT_INT:
      known = bits == 8 || bits == 16 || bits == 32 || bits == 64;
      break;
    case SAMPLEFORMAT_IEEEFP:
      known = bits == 16 || bits == 32 || bits == 64;
      break;
    default:
      break;
  }
  if (!known) {
    const bool complex =
        layout.format == SAMPLEFORMAT_COMPLEXINT || layout.format == SAMPLEFORMAT_COMPLEXIEEEFP;
    fail_data("TIFF of a kind that nolabel does not read: {}-bit {} levels. Save it with 8 bits",
              bits,
              complex                                ? "complex"
              : layout.format == SAMPLEFORMAT_IEEEFP ? "float"
                                                     : "integer");
  }
}

}  // namespace

std::optional<TiffLayout> tiff_layout(TIFF* tiff) {
  TiffLayout layout;
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &layout.height);
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &layout.width);
  layout.bits = tag(tiff, TIFFTAG_BITSPERSAMPLE);
  layout.samples = tag(tiff, TIFFTAG_SAMPLESPERPIXEL);
  layout.format = tag(tiff, TIFFTAG_SAMPLEFORMAT);
  layout.planar = layout.samples > 1 && tag(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE;
  layout.tiled = TIFFIsTiled(tiff) != 0;
  switch (photometric(tiff, layout)) {
    case PHOTOMETRIC_MINISWHITE:
      layout.zero_is_white = true;
      break;
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_RGB:
      break;
    case PHOTOMETRIC_SEPARATED:
      if (tag(tiff, TIFFTAG_INKSET) != INKSET_CMYK) return std::nullopt;
      layout.color = SampleColor::cmyk;
      break;
    default:
      return std::nullopt;
  }
  check_samples(layout);
  choose_bands(tiff, layout);
  layout.missing = missing_level(tiff);
  return layout;
}

}  // namespace nolabel
