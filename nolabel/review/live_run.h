// A run behind a page: what the page asks for, and what a person does on it. Safe from several
// threads at once.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "nolabel/pipeline/edit_call.h"
#include "nolabel/pipeline/edit_session.h"
#include "nolabel/report/report_html.h"

namespace nolabel {

class LiveRun {
 public:
  // What is given must outlive it. Errors as EditSession.
  LiveRun(RunDirectory& run, const Subject& subject, const Environment& environment);

  std::string page() const;    // HTML
  std::string editor() const;  // the editor's JSON object

  // Applies a document and returns editor(). Error(Fault::usage) when it cannot be applied.
  std::string apply(const std::string& document);
  std::string undo();
  bool changed() const { return changed_; }

  // Indices of the images most alike, best first, without the image itself.
  std::vector<int64_t> alike(int64_t image, int64_t count) const;
  int64_t images() const { return static_cast<int64_t>(subject_.given.names.size()); }

  // JPEG of an image, its longer side at most so many pixels; from its file where that has more
  // than what is kept in memory. Error(Fault::data) when the file cannot be read any more.
  std::string picture(int64_t image, int side) const;

  // What the run shows follows the edits. `environment` may have another observer.
  EditOutcome finish(const Environment& environment);

 private:
  ReportEditor present() const;

  RunDirectory& run_;
  const Subject& subject_;
  const Environment& environment_;
  mutable std::shared_mutex mutex_;  // of session_
  EditSession session_;
  bool changed_ = false;
  AssignedImages given_;
  std::optional<LivePage> page_;
  at::Tensor rows_;  // [given,D] features around their mean, of length 1
};

}  // namespace nolabel
