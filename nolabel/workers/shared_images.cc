#include "nolabel/workers/shared_images.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/data/pack_file.h"

namespace nolabel {
namespace {

constexpr int64_t most_bytes_sent = int64_t{8} << 30;

// How many processes say so.
int64_t count_of(Group& group, bool says) {
  const at::Tensor count = at::full({}, says ? 1 : 0, at::kLong);
  group.all_reduce({count});
  return count.item<int64_t>();
}

// The columns of Dataset::entries(), but for the labels.
std::vector<at::Tensor> columns_of(const Dataset& images) {
  const int64_t count = images.size();
  const at::Tensor numbers = at::empty({count, 4}, at::kLong);
  auto* row = numbers.mutable_data_ptr<int64_t>();
  std::string names;
  for (const Dataset::Entry& entry : images.entries()) {
    *row++ = static_cast<int64_t>(entry.offset);
    *row++ = entry.height;
    *row++ = entry.width;
    *row++ = entry.compressed_bytes;
    names += entry.name;
    names += '\0';
  }
  return {numbers, tensor_of_text(names)};
}

std::vector<Dataset::Entry> entries_of(const std::vector<at::Tensor>& columns) {
  const at::Tensor& numbers = columns[0];
  const std::string names = text_of(columns[1]);
  const auto* row = numbers.const_data_ptr<int64_t>();
  std::vector<Dataset::Entry> entries;
  size_t begin = 0;
  for (int64_t i = 0; i < numbers.size(0); ++i, row += 4) {
    const size_t end = names.find('\0', begin);
    entries.push_back({static_cast<uint64_t>(row[0]), static_cast<int32_t>(row[1]),
                       static_cast<int32_t>(row[2]), -1, static_cast<uint32_t>(row[3]),
                       names.substr(begin, end - begin)});
    begin = end + 1;
  }
  return entries;
}

// The same pack as the leader's, and whole: what lies beyond its end would be read otherwise.
bool holds(const std::string& place, const std::string& pack,
           const std::vector<Dataset::Entry>& entries) {
  if (pack.empty() || pack_identity(place) != pack) return false;
  const uint64_t bytes = std::filesystem::file_size(place);
  return std::ranges::all_of(entries, [bytes](const Dataset::Entry& entry) {
    return entry.offset + entry.bytes() <= bytes;
  });
}

// One image after another, in their order.
void lie_in_order(std::vector<Dataset::Entry>& entries) {
  uint64_t offset = 0;
  for (Dataset::Entry& entry : entries) {
    entry.offset = offset;
    offset += entry.bytes();
  }
}

int64_t bytes_in(const Dataset& images) {
  uint64_t bytes = 0;
  for (const Dataset::Entry& entry : images.entries()) bytes += entry.bytes();
  return static_cast<int64_t>(bytes);
}

at::Tensor pixels_of(const Dataset& images) {
  const at::Tensor all = at::empty({bytes_in(images)}, at::kByte);
  auto* next = all.mutable_data_ptr<uint8_t>();
  for (const Dataset::Entry& entry : images.entries()) {
    std::memcpy(next, images.bytes() + entry.offset, entry.bytes());
    next += entry.bytes();
  }
  return all;
}

}  // namespace

void share_images(Group& group, const Dataset& images) {
  if (group.size() == 1) return;
  Message message{.subject = images_subject, .values = {{"fingerprint", images.fingerprint()}}};
  broadcast(group, message);
  if (count_of(group, false) == 0) return;  // all workers have them

  const std::string pack = images.place().empty() ? "" : pack_identity(images.place());
  Message table{.subject = "table", .values = {{"pack", pack}}, .tensors = columns_of(images)};
  table.tensors.push_back(tensor_of_text(images.place()));
  broadcast(group, table);
  const int64_t lacking = count_of(group, false);
  if (lacking == 0) return;

  const bool sends = bytes_in(images) <= most_bytes_sent;
  Message pixels{.subject = "pixels", .values = {{"sends", sends}}};
  if (sends) pixels.tensors.push_back(pixels_of(images));
  broadcast(group, pixels);
  if (sends) return;
  if (pack.empty()) {
    fail_usage(
        "images that the other processes get through the network must take at most {} GB. These "
        "take {}. Lower --memory, so that the images are packed into a file that all can read.",
        most_bytes_sent >> 30, bytes_in(images) >> 30);
  }
  fail_usage(
      "every process must be able to read {}, where the images are packed. {} of {} processes "
      "cannot. Set NOLABEL_CACHE to a folder that all machines share, or copy the file to the same "
      "place on each machine.",
      images.place(), lacking, group.size());
}

void SharedImages::take(Group& group, const Message& message) {
  const std::string fingerprint = message.values.at("fingerprint");
  const bool lacks = !images_.contains(fingerprint);
  if (count_of(group, lacks) == 0) return;

  Message table;
  broadcast(group, table);
  const std::string pack = table.values.at("pack");
  const std::string place = text_of(table.tensors[2]);
  std::vector<Dataset::Entry> entries = entries_of(table.tensors);
  std::optional<ImageBlock> block;
  if (lacks && holds(place, pack, entries)) block = map_pack(place);
  if (count_of(group, lacks && !block) > 0) {
    Message pixels;
    broadcast(group, pixels);
    if (lacks && !block) {
      if (!pixels.values.at("sends")) return;  // the leader says why
      const at::Tensor& bytes = pixels.tensors[0];
      lie_in_order(entries);
      block = {.owner = std::make_shared<at::Tensor>(bytes),
               .bytes = bytes.const_data_ptr<uint8_t>()};
    }
  }
  if (!lacks) return;
  images_.emplace(fingerprint,
                  Dataset(std::move(entries), *std::move(block), {}, fingerprint, place));
}

const Dataset& SharedImages::named(const std::string& fingerprint) const {
  const auto found = images_.find(fingerprint);
  NOLABEL_ASSERT(found != images_.end());
  return found->second;
}

}  // namespace nolabel
