#include "nolabel/review/open_call.h"

#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/processor/kept_memory.h"
#include "nolabel/review/live_run.h"
#include "nolabel/serve/local_server.h"

namespace nolabel {
namespace {

constexpr int thumbnail_side = 160, picture_side = 1600;  // pixels
constexpr int64_t most_alike = 1000;

std::optional<int64_t> whole_number(const std::string& text) {
  int64_t value = -1;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  return good && value >= 0 ? std::optional(value) : std::nullopt;
}

Response json_response(std::string body) {
  return {.body = std::move(body)};
}

Response picture_response(const LiveRun& live, const Request& request, int side) {
  const std::optional<int64_t> image = whole_number(request.parts.at("index"));
  if (!image || *image >= live.images()) return error_response(404, "there is no such image.");
  return {
      .type = "image/jpeg", .body = live.picture(*image, side), .cache = "private, max-age=3600"};
}

std::optional<int64_t> number_of_query(const Request& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::nullopt : whole_number(found->second);
}

Response alike_response(const LiveRun& live, const Request& request) {
  const std::optional<int64_t> image = number_of_query(request, "image");
  const std::optional<int64_t> count = number_of_query(request, "count");
  if (!image || *image >= live.images() || !count || *count < 1 || *count > most_alike) {
    return error_response(400, format("image must be an index below {}, and count 1..{}.",
                                      live.images(), most_alike));
  }
  return json_response(nlohmann::json{{"images", live.alike(*image, *count)}}.dump());
}

// `make` is given the revision that the page knows.
Response change_response(const Request& request,
                         const std::function<LiveRun::Change(int64_t)>& make) {
  const std::optional<int64_t> revision = number_of_query(request, "revision");
  if (!revision) return error_response(400, "?revision= of the editor object is required.");
  LiveRun::Change change = make(*revision);
  if (change.made) return json_response(std::move(change.editor));
  return {.status = 409, .body = std::move(change.editor)};
}

void add_routes(LocalServer& server, LiveRun& live) {
  server.get("/", [&live](const Request&) {
    return Response{.type = "text/html; charset=utf-8", .body = live.page()};
  });
  server.get("/api/editor", [&live](const Request&) { return json_response(live.editor()); });
  server.get("/api/alike",
             [&live](const Request& request) { return alike_response(live, request); });
  server.get("/thumb/{index}", [&live](const Request& request) {
    return picture_response(live, request, thumbnail_side);
  });
  server.get("/picture/{index}", [&live](const Request& request) {
    return picture_response(live, request, picture_side);
  });
  server.post("/api/edits", [&live](const Request& request) {
    return change_response(request,
                           [&](int64_t revision) { return live.apply(request.body, revision); });
  });
  server.post("/api/undo", [&live](const Request& request) {
    return change_response(request, [&](int64_t revision) { return live.undo(revision); });
  });
}

}  // namespace

void declare(SettingTables& tables, OpenRequest& request) {
  tables.options.add("port", &request.port, {.low = 0, .high = 65535},
                     "port of the page's address; 0: any free one", Effect::none);
  declare(tables, request.edit);
}

EditOutcome open_run(SettingTables& tables, OpenRequest& request, const Observer& observer) {
  const auto start = std::chrono::steady_clock::now();
  request.edit.run_settings.out = request.edit.run;
  OpenRun open(tables, request.edit.run_settings, Opening::existing, observer);
  LocalServer server({.port = request.port});  // a port that cannot be had is refused at once
  const Subject subject = load_subject(tables, request.edit.run_settings, request.edit.subject, {},
                                       BackboneOfScan::allowed, open.run, open.environment);
  LiveRun live(open.run, subject, open.environment);
  add_routes(server, live);
  return_kept_memory();  // a person may look at the page for days
  if (request.opened) request.opened(server.url());
  server.run(observer);
  if (!live.changed()) return edits_in_force(open.run.path());
  // The person has left; what was asked to stop is the page, and not what follows from the edits.
  Environment rest = open.environment;
  rest.observer = {.log = observer.log, .progress = observer.progress, .cancel = {}};
  EditOutcome outcome = live.finish(rest);
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

}  // namespace nolabel
