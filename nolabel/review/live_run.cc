#include "nolabel/review/live_run.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <mutex>

#include "nolabel/base/error.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/encode.h"
#include "nolabel/pipeline/kept_report.h"
#include "nolabel/pipeline/report_editor.h"
#include "nolabel/pipeline/yardstick.h"
#include "nolabel/report/editor_data.h"
#include "nolabel/report/thumbnails.h"

namespace nolabel {
namespace {

// Of an image, at most so many pixels on its longer side; smaller images keep their size.
std::string jpeg_of(ImageView image, int side) {
  if (std::max(image.height, image.width) <= side) return encode_jpeg(image);
  return encode_jpeg(fit(image, side).view());
}

}  // namespace

LiveRun::LiveRun(RunDirectory& run, const Subject& subject, const Environment& environment)
    : run_(run),
      subject_(subject),
      environment_(environment),
      session_(run, subject, environment),
      rows_(centered_unit_rows(subject.given.features)) {
  // Most runs have a report that says what a new one would say.
  std::optional<KeptReport> report;
  if (session_.is_finished()) report = kept_report(run.path(), subject);
  if (!report) {
    session_.finish();
    report = kept_report(run.path(), subject);
  }
  NOLABEL_ASSERT(report.has_value());
  shown_ = std::move(report->assignments);
  page_.emplace(std::move(report->page));
}

ReportEditor LiveRun::present() const {
  ReportEditor editor = report_editor(run_.path(), subject_, shown_.assignments, shown_.statuses,
                                      session_.now(), session_.log());
  editor.live = true;
  editor.revision = revision_;
  return editor;
}

std::string LiveRun::page() const {
  const std::shared_lock lock(mutex_);
  return page_->html(present());
}

std::string LiveRun::editor() const {
  const std::shared_lock lock(mutex_);
  return editor_json(present()).dump();
}

// `make` returns whether anything is another now.
LiveRun::Change LiveRun::change(const std::string& asked, int64_t revision,
                                const std::function<bool()>& make) {
  const std::unique_lock lock(mutex_);
  const bool known = revision == revision_;
  const bool again = revision_ > 0 && revision == revision_ - 1 && asked == latest_;
  if (known && make()) {
    ++revision_;
    latest_ = asked;
  }
  return {.made = known || again, .editor = editor_json(present()).dump()};
}

LiveRun::Change LiveRun::apply(const std::string& document, int64_t revision) {
  const Edits edits = parse_edits(document, "the request");
  return change("apply " + document, revision, [&] {
    if (is_empty(edits)) return false;
    session_.apply(edits, "the request");
    return true;
  });
}

LiveRun::Change LiveRun::undo(int64_t revision) {
  return change("undo", revision, [&] {
    if (!session_.undo()) fail_usage("no edits are in force, so none can be undone.");
    return true;
  });
}

std::vector<int64_t> LiveRun::alike(int64_t image, int64_t count) const {
  const c10::NoGradGuard no_grad;
  const at::Tensor similarity = rows_.mv(rows_[image]);
  const int64_t wanted = std::min(count + 1, images());
  const at::Tensor nearest = std::get<1>(similarity.topk(wanted));
  std::vector<int64_t> alike;
  for (int64_t i = 0; i < nearest.size(0) && std::ssize(alike) < count; ++i) {
    const auto other = nearest[i].item<int64_t>();
    if (other != image) alike.push_back(other);
  }
  return alike;
}

std::string LiveRun::picture(int64_t image, int side) const {
  const SubjectSplit& given = subject_.given;
  if (given.dataset) {
    const int kept = std::max(given.dataset->height(image), given.dataset->width(image));
    if (kept >= side || subject_.folder.empty()) {
      const DatasetImage pixels = given.dataset->image(image);
      return jpeg_of(pixels.view(), side);
    }
  }
  if (subject_.folder.empty()) fail_data("{} is no file.", given.names[image]);
  const Image picture =
      read_image(subject_.folder / given.names[image], {.reduce_to_short_side = side});
  return jpeg_of(picture.view(), side);
}

EditOutcome LiveRun::finish(const Environment& environment) {
  const std::unique_lock lock(mutex_);
  EditOutcome outcome = edit_outcome(session_);
  const RunFiles files = session_.finish(environment);
  outcome.assignments = files.assignments;
  outcome.report = files.report;
  return outcome;
}

}  // namespace nolabel
