// WebP by libwebp, lossy and lossless; of an animation the first frame.
#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

#include "nolabel/base/error.h"
#include "nolabel/image/alpha.h"
#include "nolabel/image/codecs.h"
#include "nolabel/image/exif.h"

namespace nolabel {
namespace {

int webp_orientation(const WebPAnimDecoder* decoder) {
  WebPChunkIterator chunk;
  if (WebPDemuxGetChunk(WebPAnimDecoderGetDemuxer(decoder), "EXIF", 1, &chunk) == 0) return 1;
  const int result =
      exif_orientation(std::as_bytes(std::span(chunk.chunk.bytes, chunk.chunk.size)));
  WebPDemuxReleaseChunkIterator(&chunk);
  return result;
}

// The container says how long it is (RIFF: little-endian at byte 4, without the first 8).
bool is_cut_short(Bytes file) {
  const uint8_t* octets = as_octets(file);
  uint64_t length = 8;
  for (int i = 0; i < 4; ++i) length += uint64_t{octets[4 + i]} << (8 * i);
  return file.size() < length;
}

}  // namespace

DecodedImage decode_webp(Bytes file, const DecodeOptions& options) {
  if (is_cut_short(file)) fail_data("truncated WebP");
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(as_octets(file), file.size(), &features) != VP8_STATUS_OK) {
    fail_data("corrupt WebP: no picture header");
  }
  check_size(features.height, features.width, options);

  WebPAnimDecoderOptions settings;
  WebPAnimDecoderOptionsInit(&settings);
  settings.color_mode = MODE_RGBA;
  const WebPData data{as_octets(file), file.size()};
  const std::unique_ptr<WebPAnimDecoder, void (*)(WebPAnimDecoder*)> decoder(
      WebPAnimDecoderNew(&data, &settings), WebPAnimDecoderDelete);
  if (options.only_size && decoder != nullptr) {
    return only_size(features.height, features.width, webp_orientation(decoder.get()));
  }
  uint8_t* rgba = nullptr;  // the decoder's own canvas
  int milliseconds = 0;
  if (decoder == nullptr || WebPAnimDecoderGetNext(decoder.get(), &rgba, &milliseconds) == 0) {
    fail_data("corrupt WebP: its picture data does not decode");
  }
  WebPAnimInfo canvas;
  WebPAnimDecoderGetInfo(decoder.get(), &canvas);
  Image image(static_cast<int>(canvas.canvas_height), static_cast<int>(canvas.canvas_width));
  over_white(rgba, size_t{canvas.canvas_height} * canvas.canvas_width, image.pixels.data());
  return apply_orientation(std::move(image), webp_orientation(decoder.get()));
}

}  // namespace nolabel
