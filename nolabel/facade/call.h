// What every call through the facade has around it: errors of one type, callbacks one at a time,
// and options as the pipeline's setting tables. Private to this folder.
#pragma once

#include <functional>
#include <type_traits>

#include "nolabel/config/tables.h"
#include "nolabel/nolabel.h"

namespace nolabel {

// Runs `body`. Whatever it throws leaves as nolabel::Error: what is none already is an exhausted
// memory, a system's failure, or a defect of nolabel.
void facade_call(const std::function<void()>& body);

// The observer whose callbacks come one at a time, whichever thread they come from.
Observer one_at_a_time(const Observer& observer);

// One call of the library: `fill` declares the request and sets what the options say in the tables,
// `work` makes the call with an observer and returns the facade's result.
template <class Request, class Fill, class Work>
auto facade_stage(const Observer& observer, const Fill& fill, const Work& work) {
  SettingTables tables;
  Request request;
  std::invoke_result_t<Work, SettingTables&, Request&, const Observer&> result;
  facade_call([&] {
    fill(tables, request);
    tables.settle();
    result = work(tables, request, one_at_a_time(observer));
  });
  return result;
}

// Fills the tables as a command line would: `settings` by name, device, precision, threads and seed
// where they are given. Throws Error(Fault::usage).
void fill_settings(SettingTables& tables, const Settings& settings, const Compute& compute,
                   const std::optional<uint64_t>& seed);
// An option of the program by its name: a text unless it is empty, a number unless it is 0, a flag
// where it is true.
void fill_option(SettingTables& tables, const char* name, const std::filesystem::path& value);
void fill_number(SettingTables& tables, const char* name, int value);
void fill_flag(SettingTables& tables, const char* name, bool value);

std::vector<std::string> texts(const std::vector<std::filesystem::path>& paths);

}  // namespace nolabel
