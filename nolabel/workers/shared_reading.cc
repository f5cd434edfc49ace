#include "nolabel/workers/shared_reading.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>

#include "nolabel/base/bytes.h"
#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"

namespace nolabel {
namespace {

// What read_listed() asks of LoadOptions.
struct ReadingOptions {
  PictureSize pictures;
  bool reduced_decode;
  CacheFormat cache_format;
};

void append_text(std::string& bytes, std::string_view text) {
  append_number(bytes, static_cast<uint64_t>(text.size()));
  bytes += text;
}

std::string text_in(ByteReader& reader) {
  return std::string(reader.text(reader.number<uint64_t>()));
}

void append_listed(std::string& bytes, const ListedImage& listed) {
  append_text(bytes, listed.name);
  append_text(bytes, std::filesystem::absolute(listed.file).native());
  append_number(bytes, listed.file_bytes);
  append_number(bytes, listed.modified);
}

ListedImage listed_in(ByteReader& reader) {
  ListedImage listed;
  listed.name = text_in(reader);
  listed.file = text_in(reader);
  listed.file_bytes = reader.number<uint64_t>();
  listed.modified = reader.number<int64_t>();
  return listed;
}

void append_result(std::string& bytes, const ReadResult& result) {
  append_number(bytes, result.image.height);
  append_number(bytes, result.image.width);
  const std::vector<uint8_t>& pixels = result.image.pixels;
  append_text(bytes, {reinterpret_cast<const char*>(pixels.data()), pixels.size()});
  append_text(bytes, result.compressed);
  append_number(bytes, result.content);
  append_text(bytes, result.digest);
  append_number(bytes, result.remarks);
  append_text(bytes, result.failure);
}

ReadResult result_in(ByteReader& reader) {
  ReadResult result;
  result.image.height = reader.number<int>();
  result.image.width = reader.number<int>();
  const std::string_view pixels = reader.text(reader.number<uint64_t>());
  result.image.pixels.assign(pixels.begin(), pixels.end());
  result.compressed = text_in(reader);
  result.content = reader.number<ContentId>();
  result.digest = text_in(reader);
  result.remarks = reader.number<DecodeRemarks>();
  result.failure = text_in(reader);
  return result;
}

bool is_the_same_file(const ListedImage& listed) {
  ListedImage here = listed;
  return look_at_file(here) && here.file_bytes == listed.file_bytes &&
         here.modified == listed.modified;
}

// What a worker says of an image. Of the last two, the leader tries it, and says what is wrong.
enum class Found : uint8_t { picture, unusable, no_file };

struct FoundPicture {
  Found found = Found::no_file;
  ReadResult picture;
};

std::vector<FoundPicture> read_share(const std::vector<ListedImage>& images,
                                     const LoadOptions& options, int threads) {
  std::vector<FoundPicture> results(images.size());
  parallel_for(std::ssize(images), threads, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      if (!is_the_same_file(images[i])) continue;
      ReadResult picture = read_listed(images[i], options);
      const bool is_usable = picture.failure.empty();
      results[i] = {is_usable ? Found::picture : Found::unusable, std::move(picture)};
    }
  });
  return results;
}

class SharedReading : public ReadingHelp {
 public:
  explicit SharedReading(std::shared_ptr<Group> group)
      : group_(std::move(group)), readers_(group_->size()) {
    std::iota(readers_.begin(), readers_.end(), 0);
  }

  double speed(int threads) const override {
    return static_cast<double>(readers_.size()) * threads_here(threads) / std::max(threads, 1);
  }

  std::vector<ReadResult> read(const std::vector<const ListedImage*>& images,
                               const LoadOptions& options, const Read& read_one) override {
    const auto count = std::ssize(images);
    const auto readers = static_cast<int>(readers_.size());
    std::vector<ReadResult> results(count);
    std::vector<int64_t> left;  // to this process
    const auto read_left = [&] {
      parallel_for(std::ssize(left), threads_here(options.threads), 1,
                   [&](int64_t first, int64_t last) {
                     for (int64_t i = first; i < last; ++i) {
                       results[left[i]] = read_one(*images[left[i]]);
                     }
                   });
      left.clear();
    };
    const Share own = share_of(count, 0, readers);
    for (int64_t i = 0; i < own.size; ++i) left.push_back(i);
    if (readers == 1) {
      read_left();
      return results;
    }
    ask(images, options);
    read_left();
    const std::vector<std::string> told = told_to_leader(*group_, "");
    std::vector<int> with_files = {0};
    for (int reader = 1; reader < readers; ++reader) {
      const Share share = share_of(count, reader, readers);
      if (take(told[readers_[reader]], share, results, left)) {
        with_files.push_back(readers_[reader]);
      }
    }
    readers_ = std::move(with_files);
    read_left();
    return results;
  }

 private:
  int threads_here(int threads) const {
    return readers_.size() == 1 ? threads : threads_of_each(*group_, threads);
  }

  void ask(const std::vector<const ListedImage*>& images, const LoadOptions& options) {
    std::string listing;
    for (const ListedImage* listed : images) append_listed(listing, *listed);
    const ReadingOptions how{options.pictures, options.reduced_decode, options.cache_format};
    Message message{.subject = pictures_subject,
                    .values = {{"readers", readers_}, {"count", images.size()}},
                    .tensors = {tensor_of_value(how), tensor_of_text(listing)}};
    broadcast(*group_, message);
  }

  // Of a worker's share: its results, and what is left to this process. False: it has no file.
  static bool take(const std::string& told, const Share& share, std::vector<ReadResult>& results,
                   std::vector<int64_t>& left) {
    ByteReader reader(bytes_of(told));
    bool has_files = share.size == 0;
    for (int64_t i = share.begin; i < share.begin + share.size; ++i) {
      const auto found = reader.number<Found>();
      if (found == Found::picture) {
        results[i] = result_in(reader);
      } else {
        left.push_back(i);
      }
      if (found != Found::no_file) has_files = true;
    }
    return has_files;
  }

  const std::shared_ptr<Group> group_;
  std::vector<int> readers_;  // the leader, and the workers that have had files so far
};

}  // namespace

std::shared_ptr<ReadingHelp> shared_reading(const std::shared_ptr<Group>& group) {
  const bool one_machine = group->local_size() == group->size();
  if (group->size() == 1 || (one_machine && !group->owns_processors())) return nullptr;
  return std::make_shared<SharedReading>(group);
}

void help_to_read(Group& group, const Message& message, int threads) {
  MessageReader tensors(message);
  const auto how = tensors.next_value<ReadingOptions>();
  const std::string listing = text_of(tensors.next());
  const std::vector<int> readers = message.values.at("readers");
  const int64_t count = message.values.at("count");
  const auto self = std::ranges::find(readers, group.rank());
  std::string told;
  if (self != readers.end()) {
    const Share share =
        share_of(count, static_cast<int>(self - readers.begin()), static_cast<int>(readers.size()));
    ByteReader reader(bytes_of(listing));
    std::vector<ListedImage> images;
    for (int64_t i = 0; i < share.begin + share.size; ++i) {
      ListedImage listed = listed_in(reader);
      if (i >= share.begin) images.push_back(std::move(listed));
    }
    LoadOptions options;
    options.pictures = how.pictures;
    options.reduced_decode = how.reduced_decode;
    options.cache_format = how.cache_format;
    for (const auto& [found, picture] : read_share(images, options, threads)) {
      append_number(told, found);
      if (found == Found::picture) append_result(told, picture);
    }
  }
  told_to_leader(group, told);
}

}  // namespace nolabel
