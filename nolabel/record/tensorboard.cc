#include "nolabel/record/tensorboard.h"

#include <unistd.h>

#include <bit>
#include <chrono>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/record/crc32c.h"

namespace nolabel {
namespace {

// Protocol buffers, as far as event.proto and summary.proto of TensorFlow need them. A field is a
// key (its number and wire type), then the value.
enum WireType { varint_type = 0, fixed64_type = 1, bytes_type = 2, fixed32_type = 5 };

void put_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

template <class T>
void put_fixed(std::string& out, T bits) {  // little-endian
  for (size_t i = 0; i < sizeof bits; ++i) out += static_cast<char>(bits >> (8 * i));
}

void put_key(std::string& out, int field, WireType type) {
  put_varint(out, static_cast<uint64_t>(field) << 3 | type);
}

void put_bytes(std::string& out, int field, std::string_view bytes) {
  put_key(out, field, bytes_type);
  put_varint(out, bytes.size());
  out += bytes;
}

// Event: wall_time = 1, step = 2.
std::string event(int64_t step) {
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  std::string message;
  put_key(message, 1, fixed64_type);
  put_fixed(message, std::bit_cast<uint64_t>(now.count()));
  put_key(message, 2, varint_type);
  put_varint(message, static_cast<uint64_t>(step));
  return message;
}

// Event.file_version = 3: the first record of every file.
std::string version_event() {
  std::string message = event(0);
  put_bytes(message, 3, "brain.Event:2");
  return message;
}

// Event.session_log = 7 with status = 1, START = 1: readers drop this and later steps of before.
std::string start_event(int64_t first_step) {
  std::string log;
  put_key(log, 1, varint_type);
  put_varint(log, 1);
  std::string message = event(first_step);
  put_bytes(message, 7, log);
  return message;
}

// Event.summary = 5, of Summary.value = 1 with tag = 1 and simple_value = 2.
std::string scalars_event(int64_t step, std::span<const Scalar> scalars) {
  std::string summary;
  for (const Scalar& scalar : scalars) {
    std::string value;
    put_bytes(value, 1, scalar.tag);
    put_key(value, 2, fixed32_type);
    put_fixed(value, std::bit_cast<uint32_t>(static_cast<float>(scalar.value)));
    put_bytes(summary, 1, value);
  }
  std::string message = event(step);
  put_bytes(message, 5, summary);
  return message;
}

// TFRecord's checksum: rotated and offset, so that a CRC of bytes that hold CRCs stays sound.
uint32_t masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return std::rotr(crc, 15) + 0xA282EAD8;
}

// length (8 bytes), its checksum, data, its checksum.
std::string record(std::string_view data) {
  std::string out;
  put_fixed(out, static_cast<uint64_t>(data.size()));
  put_fixed(out, masked_crc(out));
  out += data;
  put_fixed(out, masked_crc(data));
  return out;
}

// TensorBoard reads files in the order of their names; none is ever written twice.
std::filesystem::path new_file(const std::filesystem::path& directory) {
  char host[256] = "localhost";
  ::gethostname(host, sizeof host - 1);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  for (int number = 0;; ++number) {
    const auto path = directory / format("events.out.tfevents.{:010}.{}.{}.{}", seconds,
                                         static_cast<const char*>(host), ::getpid(), number);
    if (!std::filesystem::exists(path)) return path;
  }
}

}  // namespace

TensorBoardWriter::TensorBoardWriter(const std::filesystem::path& directory, int64_t first_step) {
  make_directory(directory);
  path_ = new_file(directory);
  append_to_file(path_, record(version_event()) + record(start_event(first_step)));
}

void TensorBoardWriter::write(int64_t step, std::span<const Scalar> scalars) {
  append_to_file(path_, record(scalars_event(step, scalars)), Flush::later);
}

void TensorBoardWriter::flush() const {
  flush_to_disk(path_);
}

}  // namespace nolabel
