#include "nolabel/group/watch.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <vector>

#include "nolabel/group/bounded_call.h"

namespace nolabel {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

constexpr Watch::Seconds seconds_to_answer(5);
constexpr const char* failure_key = "failure";
constexpr const char* stop_key = "stop";

std::string beat_key(int rank) {
  return format("beat/{}", rank);
}
std::string left_key(int rank) {
  return format("left/{}", rank);
}
std::string place_key(int rank) {
  return format("place/{}", rank);
}

std::string own_place() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return format("{}, process id {}", host.data(), ::getpid());
}

std::string as_text(const GroupFailure& failure) {
  return Json{{"rank", failure.rank},
              {"fault", static_cast<int>(failure.fault)},
              {"message", failure.message},
              {"missing", failure.missing}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

GroupFailure from_text(const std::string& text) {
  const Json read = Json::parse(text);
  return {.rank = read.at("rank"),
          .fault = static_cast<Fault>(read.at("fault").get<int>()),
          .message = read.at("message"),
          .missing = read.at("missing")};
}

}  // namespace

struct Watch::State {
  State(c10::intrusive_ptr<c10d::Store> store_, int rank_, int size_, Seconds limit_,
        CancelToken cancel_)
      : store(std::move(store_)),
        rank(rank_),
        size(size_),
        limit(limit_),
        cancel(std::move(cancel_)),
        pause(std::min(limit_ / 10, Seconds(1))),
        seen(size_, {0, Clock::now()}) {}

  // What a process has shown last, and when that was new.
  struct Life {
    int64_t beat;
    Clock::time_point since;
  };

  std::string get(const std::string& key) { return store->get_to_str(key); }

  void run() {
    std::unique_lock lock(mutex);
    while (!ended) {
      lock.unlock();
      const bool reached = look();
      lock.lock();
      if (reached) last_look = Clock::now();
      wake.wait_for(lock, pause, [this] { return ended; });
    }
  }

  // The leader looks at all others, a worker at the leader, which tells of the rest.
  bool look() {
    try {
      store->add(beat_key(rank), 1);
      const int last = rank == 0 ? size - 1 : 0;
      for (int other = 0; other <= last; ++other) {
        if (other != rank) note_beat(other, store->add(beat_key(other), 0));
      }
      if (rank == 0 && store->add(stop_key, 0) > 0) cancel.request();
      // Each process has its own time limit, but only the leader's counts.
      if (rank != 0 && cancel.requested() && !cancel.passed_limit() && !asked_to_stop) {
        store->add(stop_key, 1);
        asked_to_stop = true;
      }
      if (store->check({failure_key})) note(from_text(get(failure_key)));
      return true;
    } catch (const std::exception&) {  // what does not answer is missing once the limit has passed
      return false;
    }
  }

  void note_beat(int other, int64_t beat) {
    const Clock::time_point now = Clock::now();
    Life& life = seen[other];
    if (beat != life.beat) life = {beat, now};
    if (now - life.since < patience() || store->check({left_key(other)})) return;
    declare(missing(other, now - life.since));
  }

  // A broken connection says that somebody is gone; a few beats show who.
  Seconds patience() const { return broken ? std::min(limit, Seconds(5)) : limit; }

  GroupFailure missing(int other, Seconds silence) {
    const std::string place = store->check({place_key(other)}) ? get(place_key(other)) : "unknown";
    return {
        .rank = other,
        .message = format(
            "process {} of {} ({}) has shown no life for {:.0f} s: it was killed, its machine "
            "is down, or the network is cut. The same command, started again, goes on from what "
            "is saved",
            other, size, place, silence.count()),
        .missing = true};
  }

  // The first one that anybody declares is the failure of all.
  GroupFailure declare(const GroupFailure& failure) {
    const GroupFailure first =
        from_text(static_cast<c10d::Store&>(*store).compareSet(failure_key, "", as_text(failure)));
    note(first);
    return first;
  }

  void note(const GroupFailure& failure) {
    const std::lock_guard lock(mutex);
    if (!known) known = failure;
  }

  std::optional<GroupFailure> failure() {
    const std::lock_guard lock(mutex);
    const Seconds silence = Clock::now() - last_look;
    if (known || silence < patience()) return known;
    known = {.rank = 0,
             .message = format(
                 "process {} of {} has not reached process 0, where all processes meet, for {:.0f} "
                 "s: it was killed, its machine is down, or the network is cut. The same command, "
                 "started again, goes on from what is saved",
                 rank, size, silence.count()),
             .missing = true};
    return known;
  }

  const c10::intrusive_ptr<c10d::Store> store;
  const int rank, size;
  const Seconds limit;
  const CancelToken cancel;
  const Seconds pause;
  std::vector<Life> seen;      // of the watching thread
  bool asked_to_stop = false;  // likewise

  std::mutex mutex;
  std::condition_variable wake;
  bool ended = false, finished = false;
  std::optional<GroupFailure> known;
  Clock::time_point last_look = Clock::now();
  std::atomic<bool> broken = false;
};

Watch::Watch(c10::intrusive_ptr<c10d::Store> store, int rank, int size, Seconds limit,
             CancelToken cancel)
    : state_(std::make_shared<State>(std::move(store), rank, size, limit, std::move(cancel))) {
  state_->store->set(place_key(rank), own_place());
  std::thread([state = state_] {
    state->run();
    const std::lock_guard lock(state->mutex);
    state->finished = true;
    state->wake.notify_all();
  }).detach();
}

Watch::~Watch() {
  std::unique_lock lock(state_->mutex);
  state_->ended = true;
  state_->wake.notify_all();
  state_->wake.wait_for(lock, std::chrono::seconds(2), [this] { return state_->finished; });
}

std::optional<GroupFailure> Watch::failure() const {
  return state_->failure();
}

void Watch::suspect() {
  state_->broken = true;
}

GroupFailure Watch::reason() {
  suspect();
  const Clock::time_point give_up =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(state_->limit + Seconds(2));
  for (;;) {
    if (const auto known = state_->failure()) return *known;
    if (Clock::now() > give_up) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return lost_connection();
}

GroupFailure Watch::lost_connection() const {
  return {.rank = state_->rank,
          .message = format("process {} of {} has lost the connection to the others", state_->rank,
                            state_->size),
          .missing = true};
}

GroupFailure Watch::report(const GroupFailure& failure) {
  if (const auto known = state_->failure()) return *known;
  const auto first = within<GroupFailure>(
      seconds_to_answer, [state = state_, failure] { return state->declare(failure); });
  if (first) return *first;
  state_->note(failure);
  return failure;
}

void Watch::leave() {
  const std::optional<GroupFailure> known = state_->failure();
  const int missing = known && known->missing ? known->rank : -1;
  if (missing == 0) return;  // the store is with the leader
  within<bool>(seconds_to_answer, [state = state_, missing] {
    state->store->set(left_key(state->rank), "");
    if (state->rank != 0) return true;
    for (int other = 1; other < state->size; ++other) {
      while (other != missing && !state->store->check({left_key(other)})) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    }
    return true;
  });
}

}  // namespace nolabel
