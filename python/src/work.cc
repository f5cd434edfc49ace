#include "python/src/work.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace nolabel::python {
namespace {

// How long Ctrl-C waits to be noticed.
constexpr std::chrono::milliseconds signal_interval{50};

std::atomic<int> at_work{0};

struct AtWork {
  AtWork() { ++at_work; }
  ~AtWork() { --at_work; }
};

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
  nb::register_exception_translator(
      [](const std::exception_ptr& thrown, void*) {
        try {
          std::rethrow_exception(thrown);
        } catch (const Error& error) {
          if (error.fault() == Fault::system && means_no_memory(error)) {
            PyErr_SetString(PyExc_MemoryError, error.what());
            return;
          }
          const nb::object type =
              nb::module_::import_("nolabel.errors").attr(class_name(error.fault()));
          PyErr_SetObject(type.ptr(), nb::str(error.what()).ptr());
        }
      },
      nullptr);
}

Callbacks::Callbacks(Callback log, Callback progress)
    : log_(std::move(log)), progress_(std::move(progress)) {
  if (log_) {
    observer_.log = [this](Severity severity, const std::string& text) {
      call([&] { (*log_)(severity == Severity::warning, text); });
    };
  }
  if (progress_) {
    observer_.progress = [this](const Progress& progress) {
      call([&] {
        nb::dict values;
        values["stage"] = progress.stage;
        values["step"] = progress.step;
        values["done"] = progress.done;
        values["total"] = progress.total;
        values["unit"] = progress.unit;
        values["per_second"] = progress.per_second;
        values["seconds_left"] = progress.seconds_left;
        (*progress_)(values);
      });
    };
  }
}

void Callbacks::call(const std::function<void()>& body) {
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
  const AtWork counted;
  std::exception_ptr failure;
  Finished finished;
  std::optional<nb::python_error> interrupted;
  {
    const nb::gil_scoped_release unlocked;
    std::thread worker([&] {
      try {
        work();
      } catch (...) {
        failure = std::current_exception();
      }
      finished.tell();
    });
    while (!finished.wait()) {
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
  }
  if (interrupted) throw std::move(*interrupted);
  if (failure) std::rethrow_exception(failure);
}

int calls_at_work() {
  return at_work.load();
}

}  // namespace nolabel::python
