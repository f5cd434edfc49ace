// A run behind a page: what the page asks for, and what a person does on it. Safe from several
// threads at once.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "nolabel/pipeline/edit_call.h"
#include "nolabel/pipeline/edit_session.h"
#include "nolabel/report/assignments_csv.h"
#include "nolabel/report/report_html.h"

namespace nolabel {

class LiveRun {
 public:
  // What is given must outlive it. Errors as EditSession.
  LiveRun(RunDirectory& run, const Subject& subject, const Environment& environment);

  std::string page() const;    // HTML
  std::string editor() const;  // the editor's JSON object

  struct Change {
    bool made;           // false: the clusters are others than the page knew, and nothing was done
    std::string editor;  // editor() after it
  };
  // Applies a document. `revision`: that of the editor object which the person saw. A browser can
  // send a request twice by itself, so the latest change, asked for again, is not made again.
  // Error(Fault::usage) when the document cannot be applied.
  Change apply(const std::string& document, int64_t revision);
  Change undo(int64_t revision);
  bool changed() const { return revision_ > 0; }

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
  Change change(const std::string& asked, int64_t revision, const std::function<bool()>& make);

  RunDirectory& run_;
  const Subject& subject_;
  const Environment& environment_;
  mutable std::shared_mutex mutex_;  // of session_, revision_ and latest_
  EditSession session_;
  int64_t revision_ = 0;   // how many changes were made
  std::string latest_;     // what the latest change was asked with
  AssignmentTable shown_;  // as the run's files have it
  std::optional<LivePage> page_;
  at::Tensor rows_;  // [given,D] features around their mean, of length 1
};

}  // namespace nolabel
