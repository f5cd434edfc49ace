// `nolabel open` without a browser: what its requests change, and how it ends.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <regex>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

// A run of 900 rows in 3 blobs, which nolabel finds, with the names row0.jpg …
fs::path new_blob_run(const std::string& name) {
  static const fs::path run = [] {
    const fs::path made = new_folder("opened_blobs");
    result_of("cluster" + feature_flags() + "--clusters 3 --out " + made.string());
    return made;
  }();
  return copy_of(run, name);
}

struct Answer {
  int status = 0;
  json body;
};

class OpenedRun {
 public:
  explicit OpenedRun(const fs::path& run) : program("open " + run.string()) {
    const std::regex address(R"(http://127\.0\.0\.1:(\d+)/\?token=(\w+))");
    std::smatch found;
    program.wait_until([&] {
      printed_ = program.errors();
      return std::regex_search(printed_, found, address);
    });
    if (found.empty()) return;
    port = std::stoi(found[1]);
    token_ = found[2];
  }

  Answer get(const std::string& path) const { return request("GET", path, ""); }
  Answer post(const std::string& path, const json& body) const {
    return request("POST", path, body.dump());
  }

  Program program;
  int port = 0;

 private:
  Answer request(const std::string& method, const std::string& path,
                 const std::string& body) const {
    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    const std::string text = format(
        "{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\nX-Nolabel-Token: {}\r\n"
        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        method, path, port, token_, body.size(), body);
    std::string answer;
    if (::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
        ::send(client, text.data(), text.size(), MSG_NOSIGNAL) == std::ssize(text)) {
      char buffer[4096];
      for (ssize_t count; (count = ::recv(client, buffer, sizeof buffer, 0)) > 0;) {
        answer.append(buffer, static_cast<size_t>(count));
      }
    }
    ::close(client);
    const size_t head = answer.find("\r\n\r\n");
    if (head == answer.npos) return {};
    return {.status = std::stoi(answer.substr(9)), .body = json::parse(answer.substr(head + 4))};
  }

  std::string printed_, token_;
};

std::string clusters_column(const fs::path& run) {
  std::string text;
  for (const auto& row : read_csv(run / "assignments.csv")) text += row.fields[1] + "\n";
  return text;
}

TEST(Open, MakesAnEditOnceHoweverOftenItIsAskedFor) {
  const OpenedRun open(new_blob_run("asked_twice"));
  EXPECT_EQ(open.get("/api/editor").body["revision"], 0);
  const json split = {{"split", json::array({{{"cluster", 1}, {"into", 2}}})}};
  for (int i = 0; i < 2; ++i) {
    const Answer answer = open.post("/api/edits?revision=0", split);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body["clusters"].size(), 4u);
    EXPECT_EQ(answer.body["revision"], 1);
  }
  for (int i = 0; i < 2; ++i) {
    const Answer answer = open.post("/api/undo?revision=1", json::object());
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body["clusters"].size(), 3u);
    EXPECT_EQ(answer.body["revision"], 2);
  }
}

TEST(Open, RefusesAnEditOfOlderClustersAndShowsThePresentOnes) {
  const OpenedRun open(new_blob_run("older_clusters"));
  EXPECT_EQ(open.post("/api/edits?revision=0", {{"names", {{"0", "cats"}}}}).status, 200);
  for (const char* path :
       {"/api/edits?revision=0", "/api/edits?revision=2", "/api/undo?revision=0"}) {
    const Answer answer = open.post(path, {{"names", {{"0", "dogs"}}}});
    EXPECT_EQ(answer.status, 409) << path;
    EXPECT_EQ(answer.body["clusters"][0]["name"], "cats") << path;
    EXPECT_EQ(answer.body["revision"], 1) << path;
  }
  const Answer blind = open.post("/api/edits", {{"names", {{"0", "dogs"}}}});
  EXPECT_EQ(blind.status, 400);
  EXPECT_THAT(blind.body["error"], HasSubstr("revision"));
}

TEST(Open, BringsTheRunUpToDateWhenItIsInterrupted) {
  const fs::path run = new_blob_run("ended");
  OpenedRun open(run);
  ASSERT_EQ(open.post("/api/edits?revision=0", {{"merge", {{0, 1}}}}).status, 200);
  open.program.send(SIGINT);
  const Outcome outcome = open.program.wait();
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("the run's model and report follow the edits"));
  EXPECT_THAT(outcome.out, HasSubstr("clusters 0 and 1 are merged into cluster 0"));
  EXPECT_EQ(json::parse(read_file(run / "run.json"))["final"], "edited");
  EXPECT_EQ(clusters_column(run).find("1\n"), std::string::npos);
}

// The first edits of a run are the hardest: nothing but the log says yet that there are any.
TEST(Open, KeepsTheEditsWhenItIsKilled) {
  const fs::path run = new_blob_run("killed");
  {
    OpenedRun open(run);
    const json split = {{"split", json::array({{{"cluster", 1}, {"into", 2}}})},
                        {"move", json::array({{{"path", "row0.jpg"}, {"to", 1}}})}};
    ASSERT_EQ(open.post("/api/edits?revision=0", split).status, 200);
    open.program.send(SIGKILL);
    open.program.wait();
  }
  const Outcome report = nolabel::run("report --out " + run.string());
  EXPECT_EQ(report.code, 0) << report.err;
  EXPECT_THAT(report.err, HasSubstr("nolabel apply " + run.string()));
  const Outcome predicted = nolabel::run("predict " + run.string() + feature_flags());
  EXPECT_EQ(predicted.code, 2);
  EXPECT_THAT(predicted.err, HasSubstr("nolabel apply " + run.string()));
  {
    OpenedRun again(run);  // brings the run up to date before it shows anything
    EXPECT_EQ(again.get("/api/editor").body["clusters"].size(), 4u);
    EXPECT_EQ(json::parse(read_file(run / "run.json"))["final"], "edited");
  }
  EXPECT_EQ(json::parse(read_file(run / "run.json"))["identities"].size(), 4u);
  EXPECT_THAT(clusters_column(run), HasSubstr("3\n"));
}

// A report takes seconds to make, or minutes where the photos are large.
TEST(Open, ShowsTheReportThatIsThereUnlessTheRunHasChanged) {
  const fs::path run = new_blob_run("kept_report"), report = run / "report.html";
  const auto time = fs::file_time_type() + std::chrono::hours(1);
  fs::last_write_time(report, time);
  { const OpenedRun open(run); }
  EXPECT_EQ(fs::last_write_time(report), time);
  std::string table = read_file(run / "assignments.csv");
  write_file(run / "assignments.csv", table.substr(0, table.find("row800.jpg")));
  {
    const OpenedRun open(run);
    EXPECT_EQ(open.get("/api/editor").body["images"]["path"].size(), 900u);
  }
  EXPECT_NE(fs::last_write_time(report), time);
  EXPECT_EQ(read_file(run / "assignments.csv"), table);
}

TEST(Open, RefusesAPortThatIsInUseBeforeItReadsAnything) {
  const OpenedRun open(new_blob_run("port"));
  expect_failure(format("open {} --port {}", new_blob_run("same_port").string(), open.port), 4,
                 format("port {} is in use", open.port));
}

}  // namespace
}  // namespace nolabel
