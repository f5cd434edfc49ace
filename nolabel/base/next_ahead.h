// Things that are made one after the other, such as the inputs of batches: while the caller works
// with one of them, the next one is made on another thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "nolabel/base/ahead.h"

namespace nolabel {

// Key says which one, and compares with ==. Called by one thread.
template <class Key, class T>
class NextAhead {
 public:
  using Make = std::function<T(const Key&)>;

  // `ahead` false: each is made when it is asked for. `make` never runs twice at the same time.
  NextAhead(Make make, bool ahead) : make_(std::move(make)) {
    if (ahead) ahead_.emplace();
  }

  // What `make` gives for `key`; then `next` begins to be made. Throws what making `key` threw: an
  // error of the next one arrives when the caller asks for that. One that was begun and is not
  // asked for is thrown away.
  T take(const Key& key, std::optional<Key> next) {
    const auto start = std::chrono::steady_clock::now();
    T made = begun(key) ? ahead_->take() : make_(key);
    seconds_waited_ +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (next && ahead_) {
      key_ = std::move(next);
      ahead_->begin([this] { return make_(*key_); });
    }
    return made;
  }

  // How long take() has waited, all calls together. Without another thread, that is how long
  // everything took to make.
  double seconds_waited() const { return seconds_waited_; }

 private:
  bool begun(const Key& key) {
    if (!ahead_ || !ahead_->begun()) return false;
    if (key == *key_) return true;
    ahead_->drop();
    return false;
  }

  const Make make_;
  std::optional<Key> key_;  // of what was begun last
  double seconds_waited_ = 0;
  std::optional<Ahead<T>> ahead_;  // ends before what its thread looks at
};

}  // namespace nolabel
