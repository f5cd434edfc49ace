#include "python/src/work.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "python/src/convert.h"

namespace nolabel::python {
namespace {

// How long Ctrl-C waits to be noticed.
constexpr std::chrono::milliseconds signal_interval{50};

// Read without a lock: in a process that was forked, a mutex may be held for good.
std::atomic<int> at_work{0};

// This thread is one that run_without_lock() has made.
thread_local bool is_worker = false;

// What end_calls() has to stop and to wait for.
class Works {
 public:
  // These three are false when the process is ending: then nothing may begin.
  bool enter() {
    const std::lock_guard lock(mutex_);
    if (!ending_) ++inside_;
    return !ending_;
  }
  bool begin(const CancelToken& token) {
    const std::lock_guard lock(mutex_);
    if (!ending_) tokens_.push_back(&token);
    return !ending_;
  }
  bool goes_on() {
    const std::lock_guard lock(mutex_);
    return !ending_;
  }
  void end(const CancelToken& token) {
    const std::lock_guard lock(mutex_);
    std::erase(tokens_, &token);
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    --inside_;
    changed_.notify_all();
  }
  void end_all() {
    std::unique_lock lock(mutex_);
    ending_ = true;
    for (const CancelToken* token : tokens_) token->request();
    changed_.wait(lock, [this] { return inside_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<const CancelToken*> tokens_;  // of the work that runs
  int inside_ = 0;  // threads in a call, but for those that wait for the end
  bool ending_ = false;
};
Works works;

// The interpreter is about to end, and with it the process. Without the interpreter's lock.
[[noreturn]] void sleep_until_the_end() {
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

// For a thread in a call.
[[noreturn]] void wait_for_the_end() {
  works.leave();
  sleep_until_the_end();
}

// Python gives signals to this thread alone.
bool is_main_thread() {
  const nb::object threading = nb::module_::import_("threading");
  return threading.attr("current_thread")().is(threading.attr("main_thread")());
}

// The class of Python for a fault, from nolabel/errors.py.
const char* class_name(Fault fault) {
  switch (fault) {
    case Fault::usage:
      return "UsageError";
    case Fault::data:
      return "DataError";
    case Fault::system:
      return "SystemFailure";
    case Fault::stopped:
      return "Stopped";
    case Fault::internal:
      return "InternalError";
  }
  return "InternalError";
}

class Finished {
 public:
  void tell() {
    const std::lock_guard lock(mutex_);
    done_ = true;
    changed_.notify_one();
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, signal_interval, [this] { return done_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
};

}  // namespace

void register_errors(nb::module_& module) {
  module.def("calls_at_work", calls_at_work);
  module.def("end_calls", end_calls);
  nb::register_exception_translator(
      [](const std::exception_ptr& thrown, void*) {
        try {
          std::rethrow_exception(thrown);
        } catch (const Error& error) {
          if (error.fault() == Fault::system && means_no_memory(error)) {
            PyErr_SetString(PyExc_MemoryError, error.what());
            return;
          }
          const nb::object errors = nb::module_::import_("nolabel.errors");
          const nb::object type = errors.attr(class_name(error.fault()));
          PyErr_SetObject(type.ptr(), errors.attr("in_python")(to_text(error.what())).ptr());
        }
      },
      nullptr);
}

Callbacks::Callbacks(Callback log, Callback progress)
    : log_(std::move(log)), progress_(std::move(progress)) {
  if (log_) {
    observer_.log = [this](Severity severity, const std::string& text) {
      call([&] { (*log_)(severity == Severity::warning, to_text(text)); });
    };
  }
  if (progress_) {
    observer_.progress = [this](const Progress& progress) {
      call([&] {
        nb::dict values;
        values["stage"] = to_text(progress.stage);
        values["step"] = to_text(progress.step);
        values["done"] = progress.done;
        values["total"] = progress.total;
        values["unit"] = to_text(progress.unit);
        values["per_second"] = progress.per_second;
        values["seconds_left"] = progress.seconds_left;
        (*progress_)(values);
      });
    };
  }
}

InCall::InCall() {
  ++at_work;
  if (works.enter()) return;
  if (is_worker) {  // a callback that calls nolabel: its own call waits for this thread
    --at_work;
    throw Error(Fault::stopped, "the process is ending");
  }
  const nb::gil_scoped_release unlocked;
  sleep_until_the_end();
}

InCall::~InCall() {
  works.leave();
  --at_work;
}

void Callbacks::call(const std::function<void()>& body) {
  if (!works.goes_on()) return;
  const nb::gil_scoped_acquire lock;
  if (raised_) return;
  try {
    body();
  } catch (nb::python_error& error) {
    raised_.emplace(std::move(error));
    observer_.cancel.request();
  }
}

void Callbacks::raise() {
  if (!raised_) return;
  nb::python_error error = std::move(*raised_);
  raised_.reset();
  throw error;
}

void run_without_lock(const CancelToken& cancel, const std::function<void()>& work) {
  std::exception_ptr failure;
  Finished finished;
  std::optional<nb::python_error> interrupted;
  const bool hears_signals = is_main_thread();
  {
    const nb::gil_scoped_release unlocked;
    if (!works.begin(cancel)) {
      if (is_worker) throw Error(Fault::stopped, "the process is ending");
      wait_for_the_end();
    }
    std::thread worker;
    try {
      worker = std::thread([&] {
        is_worker = true;
        try {
          work();
        } catch (...) {
          failure = std::current_exception();
        }
        works.end(cancel);
        finished.tell();
      });
    } catch (...) {  // there are no more threads
      works.end(cancel);
      throw;
    }
    while (!finished.wait()) {
      if (!hears_signals) continue;
      const nb::gil_scoped_acquire lock;
      if (PyErr_CheckSignals() == 0) continue;
      // A second Ctrl-C changes nothing: the work is saving what it has.
      if (interrupted) {
        PyErr_Clear();
      } else {
        interrupted.emplace();
      }
      cancel.request();
    }
    worker.join();
    if (!works.goes_on() && !is_worker) wait_for_the_end();
  }
  if (interrupted) throw std::move(*interrupted);
  if (failure) std::rethrow_exception(failure);
}

void end_calls() {
  const nb::gil_scoped_release unlocked;
  works.end_all();
}

int calls_at_work() {
  return at_work.load();
}

}  // namespace nolabel::python
