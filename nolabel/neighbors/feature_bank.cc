#include "nolabel/neighbors/feature_bank.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
#include "nolabel/record/progress_meter.h"

namespace nolabel {
namespace {

bool draws(const ViewRecipe& recipe) {
  return recipe.strategy != Strategy::evaluation;
}

std::vector<RowKey> pixel_keys(const Dataset& dataset, int threads) {
  std::vector<RowKey> keys(dataset.size());
  parallel_for(dataset.size(), threads, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      keys[i] = dataset.pixel_key(i);
      dataset.passed(i);
    }
  });
  return keys;
}

uint32_t first_bits(const RowKey& key) {
  uint32_t bits = 0;
  std::memcpy(&bits, key.data(), sizeof bits);
  return bits;
}

// The row of an image in view number `epoch`.
RowKey key_of_view(RowKey pixels, uint32_t epoch) {
  const uint32_t mixed = first_bits(pixels) ^ epoch;
  std::memcpy(pixels.data(), &mixed, sizeof mixed);
  return pixels;
}

// Rows of a bank are numbered view by view: row r is image r % images in view r / images.
class BankViews {
 public:
  BankViews(const Dataset& dataset, const BankOptions& options)
      : dataset_(dataset), options_(options) {
    if (draws(options.recipe) || options.known || options.earlier || options.keys) {
      keys_ = pixel_keys(dataset, options.threads);
    }
  }

  RowBatch of(std::span<const int64_t> rows) const {
    RowBatch requests;
    for (const int64_t row : rows) {
      const int64_t image = row % dataset_.size();
      ViewRequest request{image, options_.key};
      request.key.epoch = epoch(row);
      if (draws(options_.recipe)) request.key.position = first_bits(keys_[image]);
      requests.push_back(request);
    }
    return requests;
  }

  RowKey key(int64_t row) const { return key_of_view(keys_[row % dataset_.size()], epoch(row)); }

 private:
  uint32_t epoch(int64_t row) const {
    return options_.key.epoch + static_cast<uint32_t>(row / dataset_.size());
  }

  const Dataset& dataset_;
  const BankOptions& options_;
  std::vector<RowKey> keys_;
};

// The rows of a bank, of which those that a file holds are there from the beginning, and those that
// are to be computed, in their order.
class BankRows {
 public:
  BankRows(int64_t rows, int64_t width, const BankViews& views, const BankOptions& options,
           RowFile* begun)
      : rows_(at::empty({rows, width}, at::kFloat)),
        begun_(options.known ? nullptr : begun),
        known_(options.known),
        in_order_(!options.known && !options.earlier) {
    if (in_order_) {
      wanted_.resize(rows);
      std::iota(wanted_.begin(), wanted_.end(), 0);
    } else {
      take_found(views, options);
    }
    if (options.keys) {
      options.keys->clear();
      for (int64_t row = 0; row < rows; ++row) options.keys->push_back(views.key(row));
    }
    if (begun_) take_begun();
  }

  const std::string& failure() const { return failure_; }  // to keep rows in options.known
  int64_t done() const { return done_; }
  int64_t wanted() const { return std::ssize(wanted_); }
  int64_t known() const { return rows_.size(0) - wanted(); }

  // The next batches to compute, at most `count`. Where all rows are computed, batches begin where
  // they would without an interruption: how many images a batch holds may change the last bits of a
  // convolution.
  std::vector<std::span<const int64_t>> next(int64_t count, int64_t batch_size,
                                             int64_t images) const {
    std::vector<std::span<const int64_t>> batches;
    for (int64_t end = done_; end < wanted() && std::ssize(batches) < count;) {
      batches.push_back(batch_after(end, batch_size, images));
      end += std::ssize(batches.back());
    }
    return batches;
  }
  void add(const at::Tensor& values) {
    for (int64_t i = 0; i < values.size(0); ++i) {
      std::copy_n(values.const_data_ptr<float>() + i * values.size(1), values.size(1),
                  row_data(wanted_[done_ + i]));
    }
    done_ += values.size(0);
    if (seconds_since(last_saved_) > (known_ ? 1 : seconds_between_saves)) save();
  }

  // Looked at between two batches.
  void stop_if_requested(const Observer& observer) {
    if (!observer.cancel.requested()) return;
    const bool little_done =
        done_ == found_ || seconds_since(start_) < seconds_of_work_despite_limit;
    if (keeps() && observer.cancel.passed_limit() && little_done) return;
    save();
    observer.stop_if_requested();
  }

  at::Tensor all() {
    save();
    for (const auto& [row, same] : copies_)
      std::copy_n(row_data(same), rows_.size(1), row_data(row));
    return rows_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr double seconds_between_saves = 5;

  std::span<const int64_t> batch_after(int64_t begin, int64_t batch_size, int64_t images) const {
    const auto rest = std::span(wanted_).subspan(begin);
    if (!in_order_) return rest.first(std::min<size_t>(batch_size, rest.size()));
    const int64_t first = rest.front() % images;
    const int64_t end = std::min((first / batch_size + 1) * batch_size, images);
    return rest.first(end - first);
  }

  static double seconds_since(Clock::time_point time) {
    return std::chrono::duration<double>(Clock::now() - time).count();
  }

  // Rows that `known` or earlier work has.
  void take_found(const BankViews& views, const BankOptions& options) {
    std::map<RowKey, int64_t> first;
    for (int64_t row = 0; row < rows_.size(0); ++row) {
      const RowKey key = views.key(row);
      const float* values = known_ ? known_->find(key) : nullptr;
      if (!values && options.earlier) values = options.earlier(key);
      if (values) {
        std::copy_n(values, rows_.size(1), row_data(row));
      } else if (const auto [same, is_new] = first.emplace(key, row); is_new) {
        wanted_.push_back(row);
        keys_.push_back(key);
      } else {
        copies_.push_back({row, same->second});
      }
    }
  }

  // Of the rows to be computed, those that an interrupted call has left.
  void take_begun() {
    const int64_t width = rows_.size(1);
    const std::vector<float> found = begun_->read(width);
    found_ = done_ = saved_ = std::min(wanted(), static_cast<int64_t>(found.size()) / width);
    for (int64_t i = 0; i < done_; ++i) {
      std::copy_n(found.data() + i * width, width, row_data(wanted_[i]));
    }
  }

  bool keeps() const { return begun_ || known_; }
  float* row_data(int64_t row) { return rows_.mutable_data_ptr<float>() + row * rows_.size(1); }

  // Of those that were computed, in their order.
  at::Tensor unsaved_rows() const {
    const std::vector<int64_t> numbers(wanted_.begin() + saved_, wanted_.begin() + done_);
    return rows_.index_select(0, at::tensor(numbers, at::kLong)).contiguous();
  }

  void save() {
    if (begun_ && saved_ < done_ && done_ < wanted()) {
      begun_->append(unsaved_rows().const_data_ptr<float>(), done_ - saved_, rows_.size(1));
      saved_ = done_;
    }
    if (known_ && failure_.empty() && saved_ < done_) {
      const auto keys = std::span(keys_).subspan(saved_, done_ - saved_);
      try {
        known_->append(keys, unsaved_rows().const_data_ptr<float>());
      } catch (const Error& error) {
        if (error.fault() != Fault::system) throw;
        failure_ = error.what();  // the rows are here all the same
      }
      saved_ = done_;
    }
    last_saved_ = Clock::now();
  }

  struct Copy {
    int64_t row, same;
  };

  const at::Tensor rows_;
  std::vector<int64_t> wanted_;
  std::vector<RowKey> keys_;  // of wanted_, where not all rows are computed
  std::vector<Copy> copies_;  // of images with the same pixels
  std::string failure_;
  RowFile* const begun_ = nullptr;
  KeyedRows* const known_ = nullptr;
  const bool in_order_;                       // all rows are wanted
  int64_t found_ = 0, done_ = 0, saved_ = 0;  // of wanted_
  const Clock::time_point start_ = Clock::now();
  Clock::time_point last_saved_ = start_;
};

// How many batches are computed before anybody looks at the clock and the signals: as many as take
// half a second, where several processes wait for the slowest of them, or a GPU waits for the next.
class BatchesAtOnce {
 public:
  BatchesAtOnce(const Group& group, const Model& model)
      : each_(group.size()), grows_(group.size() > 1 || model.device().is_cuda()) {}

  int64_t count() const { return count_ * each_; }

  template <class Work>
  void measure(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const bool short_time =
        std::chrono::steady_clock::now() - start < std::chrono::milliseconds(250);
    if (grows_ && short_time && count_ < most) count_ *= 2;
  }

 private:
  static constexpr int64_t most = 64;
  const int64_t each_;
  const bool grows_;
  int64_t count_ = 1;  // of each process
};

}  // namespace

at::Tensor extract(Model& model, const Dataset& dataset, const BankOptions& options,
                   const Observer& observer, RowFile* begun) {
  return extract_views(model, dataset, options, 1, observer, begun)[0];
}

int64_t rows_to_compute(const Dataset& dataset, const BankOptions& options, int views) {
  const int64_t rows = views * dataset.size();
  if (!options.known) return rows;
  const BankViews drawn(dataset, options);
  std::set<RowKey> missing;
  for (int64_t row = 0; row < rows; ++row) {
    const RowKey key = drawn.key(row);
    if (!options.known->find(key)) missing.insert(key);
  }
  return std::ssize(missing);
}

int bank_batch_size(const ViewRecipe& recipe, at::Device device) {
  constexpr int largest = 256, pixels = 1 << 20;
  if (!device.is_cpu()) return largest;
  return std::clamp(pixels / (recipe.size * recipe.size), 1, largest);
}

at::Tensor extract_views(Model& model, const Dataset& dataset, const BankOptions& options,
                         int views, const Observer& observer, RowFile* begun) {
  NOLABEL_ASSERT(views >= 1 && options.batch_size >= 0);
  const int64_t batch_size =
      options.batch_size > 0 ? options.batch_size : bank_batch_size(options.recipe, model.device());
  const int64_t images = dataset.size();
  const int64_t width = row_width(model, options.output);
  const BankViews drawn(dataset, options);
  BankRows bank(views * images, width, drawn, options, begun);
  Group& group = *options.group;
  DividedRows divided(
      group, model, dataset,
      {.output = options.output, .views = options.recipe, .threads = options.threads});
  BatchesAtOnce at_once(group, model);
  ProgressMeter meter(options.purpose, views == 1 ? "images" : "views", views * images,
                      bank.known() + bank.done());
  const auto start = std::chrono::steady_clock::now();
  const int64_t begun_with = bank.done();
  while (bank.done() < bank.wanted()) {
    bank.stop_if_requested(observer);
    std::vector<RowBatch> batches;
    for (const auto& rows : bank.next(at_once.count() + 1, batch_size, images)) {
      batches.push_back(drawn.of(rows));
    }
    std::optional<RowBatch> following;
    if (std::ssize(batches) > at_once.count()) {
      following = std::move(batches.back());
      batches.pop_back();
    }
    at_once.measure([&] { bank.add(divided.rows(batches, following)); });
    if (observer.progress) observer.progress(meter.update(bank.known() + bank.done()));
  }
  if (options.work) {
    options.work->rows += bank.done() - begun_with;
    options.work->seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    options.work->seconds_waited += divided.seconds_waited();
  }
  const at::Tensor rows = bank.all();
  if (!bank.failure().empty()) {
    observer.warn(
        format("other runs will embed these images again, because features cannot be kept: {}",
               bank.failure()));
  }
  return rows.view({views, images, width});
}

}  // namespace nolabel
