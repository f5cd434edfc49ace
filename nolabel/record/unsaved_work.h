// Work that leaves nothing behind when it is stopped, such as reading images into memory or mining:
// a time limit that is too short for it would stop it again and again.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "nolabel/record/observer.h"

namespace nolabel {

// What a process finds of such work that an earlier one ended.
enum class Ended {
  lost,  // nothing: each process does it again, as with images that are read into memory
  kept,  // its result, as with a neighbor table
};

// Runs `work` with an observer that it tells its progress and asks whether to stop. When a time
// limit stops it that is also too short for a process that does nothing else, throws
// Error(Fault::usage) with the least limit that is enough, by the rate so far; otherwise what
// `work` throws. `what` begins the message: "reading the images". `work` may set `saves`, when it
// turns out to leave something behind after all: a stop is then just a stop.
void run_unsaved(const std::string& what, Ended ended, const Observer& observer,
                 const std::function<void(const Observer&)>& work, const bool* saves = nullptr);

}  // namespace nolabel
