#include "nolabel/workers/shared_reading.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <numeric>
#include <utility>

#include "nolabel/base/bytes.h"
#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"

namespace nolabel {
namespace {

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

// Of a picture: without `failure`, which is empty.
void append_result(std::string& bytes, const ReadResult& result) {
  append_number(bytes, result.image.height);
  append_number(bytes, result.image.width);
  const std::vector<uint8_t>& pixels = result.image.pixels;
  append_text(bytes, {reinterpret_cast<const char*>(pixels.data()), pixels.size()});
  append_text(bytes, result.compressed);
  append_number(bytes, result.content);
  append_text(bytes, result.digest);
  append_number(bytes, result.remarks);
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
                                     const ReadingOptions& options, int threads) {
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

  std::vector<ReadResult> read(const std::vector<const ListedImage*>& images,
                               const ReadingOptions& options, int threads,
                               const Read& read_here) override {
    std::vector<ReadResult> results(images.size());
    const auto read_all = [&](const std::vector<int64_t>& numbers, int on_threads) {
      parallel_for(std::ssize(numbers), on_threads, 1, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; ++i) {
          results[numbers[i]] = read_here(*images[numbers[i]]);
        }
      });
    };
    const Share own = share_of(std::ssize(images), 0, static_cast<int>(readers_.size()));
    std::vector<int64_t> numbers(own.size);
    std::iota(numbers.begin(), numbers.end(), 0);
    if (readers_.size() == 1) {
      read_all(numbers, threads);
      return results;
    }
    try {
      const int own_threads = threads_of_each(*group_, threads);
      const auto start = Clock::now();
      ask(images, options);
      read_all(numbers, own_threads);
      const Duration of_own = Clock::now() - start;
      const std::vector<int64_t> left = hear(images.size(), results);
      const Duration of_all = Clock::now() - start;
      read_all(left, own_threads);
      const double alone = of_own.count() * own_threads / std::max(threads, 1) *
                           static_cast<double>(images.size()) / static_cast<double>(own.size);
      give_up_where_slower(of_all.count(), alone);
    } catch (const std::exception& exception) {
      throw group_->fail(as_error(exception));  // the others wait for what cannot come
    }
    return results;
  }

 private:
  using Clock = std::chrono::steady_clock;
  using Duration = std::chrono::duration<double>;
  // A worker with no file among so many, or more, is taken for one that has none at all.
  static constexpr int64_t enough_to_judge = 8;
  // Pieces in a row.
  static constexpr int slower_to_give_up = 3;

  void ask(const std::vector<const ListedImage*>& images, const ReadingOptions& options) {
    std::string listing;
    for (const ListedImage* listed : images) append_listed(listing, *listed);
    Message message{.subject = pictures_subject,
                    .values = {{"readers", readers_}, {"count", images.size()}},
                    .tensors = {tensor_of_value(options), tensor_of_text(listing)}};
    broadcast(*group_, message);
  }

  // The results of the workers. Returns what they leave to this process.
  std::vector<int64_t> hear(size_t count, std::vector<ReadResult>& results) {
    std::vector<int64_t> left;
    std::vector<int> with_files = {0};
    hear_all(*group_, [&](int rank, Bytes told) {
      const auto reader = std::ranges::find(readers_, rank);
      if (reader == readers_.end()) return;
      const Share share =
          share_of(static_cast<int64_t>(count), static_cast<int>(reader - readers_.begin()),
                   static_cast<int>(readers_.size()));
      if (take(told, share, results, left) || share.size < enough_to_judge) {
        with_files.push_back(rank);
      }
    });
    readers_ = std::move(with_files);
    return left;
  }

  // False: it has no file of its share.
  static bool take(Bytes told, const Share& share, std::vector<ReadResult>& results,
                   std::vector<int64_t>& left) {
    ByteReader reader(told);
    bool has_files = false;
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

  // Small pictures are read faster than a slow network brings their pixels.
  void give_up_where_slower(double seconds, double seconds_alone) {
    slower_ = seconds > seconds_alone ? slower_ + 1 : 0;
    if (slower_ == slower_to_give_up) readers_ = {0};
  }

  const std::shared_ptr<Group> group_;
  std::vector<int> readers_;  // the leader, and the workers that are asked
  int slower_ = 0;            // pieces in a row that the leader alone would have read faster
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
    for (const auto& [found, picture] : read_share(images, how, threads)) {
      append_number(told, found);
      if (found == Found::picture) append_result(told, picture);
    }
  }
  tell_leader(group, told);
}

}  // namespace nolabel
