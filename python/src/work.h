// Work of the library under Python: without the interpreter's lock, stopped by Ctrl-C, told to
// Python's callbacks.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "nolabel/nolabel.h"

namespace nolabel::python {

namespace nb = nanobind;

// Makes nolabel::Error the classes of Python that nolabel/errors.py has.
void register_errors(nb::module_& module);

// A function of Python, or None.
using Callback = std::optional<nb::callable>;

// What a call tells Python. A callback that raises stops the work, and the call raises it.
class Callbacks {
 public:
  // log(warning: bool, text: str), progress(dict).
  Callbacks(Callback log, Callback progress);
  // The callbacks take the interpreter's lock by themselves.
  const Observer& observer() const { return observer_; }
  // Raises what a callback has raised, if one has. Needs the lock.
  void raise();

 private:
  void call(const std::function<void()>& body);

  Callback log_, progress_;
  std::optional<nb::python_error> raised_;
  Observer observer_;
};

// Around the body of each function that calls run(), as its nanobind::call_guard, from before the
// interpreter's lock is given up until it is held again. end_calls() waits for all of them: a
// thread that asks for the lock after the interpreter's end is ended in the midst of C++, and with
// it the process. When the process is ending already, the thread stays here.
struct InCall {
  InCall();
  InCall(const InCall&) = delete;
  InCall& operator=(const InCall&) = delete;
  ~InCall();
};
using Guarded = nb::call_guard<InCall>;

// Runs `work` on a thread of its own, so that this thread can ask Python for signals: Ctrl-C uses
// the token, the work saves what it has and ends, and KeyboardInterrupt is raised. A thread of its
// own has OpenMP's threads to itself, too, so a process that was forked may call again.
void run_without_lock(const CancelToken& cancel, const std::function<void()>& work);

// How many threads are in a call in this process.
int calls_at_work();

// Before the interpreter ends: stops the calls of other threads and waits until each thread has
// left its call or will never ask for the lock again.
void end_calls();

template <class Work>
auto run(Callbacks& callbacks, const Work& work) {
  std::optional<std::invoke_result_t<Work, const Observer&>> result;
  try {
    run_without_lock(callbacks.observer().cancel,
                     [&] { result.emplace(work(callbacks.observer())); });
  } catch (const Error&) {
    callbacks.raise();  // the work has stopped because of it
    throw;
  }
  callbacks.raise();
  return std::move(*result);
}

// The same for work that tells nothing.
template <class Work>
auto run(const Work& work) {
  Callbacks silent{std::nullopt, std::nullopt};
  return run(silent, work);
}

}  // namespace nolabel::python
