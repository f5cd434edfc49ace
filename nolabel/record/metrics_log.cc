#include "nolabel/record/metrics_log.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

// The epoch of a line, or `otherwise` for one that a kill tore (in the middle of the file, too: an
// older version of the run may have gone on after it).
int64_t epoch_of(std::string_view line, int64_t otherwise) {
  const auto values = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!values.is_object()) return otherwise;
  const auto epoch = values.find("epoch");
  return epoch != values.end() && epoch->is_number_integer() ? epoch->get<int64_t>() : otherwise;
}

std::string lines_before(int64_t first_epoch, std::string_view content) {
  std::string kept;
  for (size_t begin = 0, end; (end = content.find('\n', begin)) != std::string_view::npos;
       begin = end + 1) {
    const std::string_view line = content.substr(begin, end - begin);
    if (epoch_of(line, first_epoch) < first_epoch) kept.append(line).append("\n");
  }
  return kept;
}

}  // namespace

MetricsLog::MetricsLog(std::filesystem::path path, int64_t first_epoch) : path_(std::move(path)) {
  if (!std::filesystem::exists(path_)) return;
  const std::string content = read_file(path_);
  const std::string kept = lines_before(first_epoch, content);
  if (kept != content) write_file(path_, kept);
}

void MetricsLog::append(const nlohmann::json& values) {
  NOLABEL_ASSERT(values.contains("epoch"));
  append_to_file(path_, values.dump() + "\n", Flush::later);
  appended_ = true;
}

void MetricsLog::flush() {
  if (appended_) flush_to_disk(path_);
  appended_ = false;
}

}  // namespace nolabel
