#include "nolabel/fetch/download.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "nolabel/fetch/md5.h"
#include "nolabel/fetch/test_directory.h"
#include "nolabel/fetch/test_server.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using Request = TestServer::Request;
using Reply = TestServer::Reply;

class Downloads : public DirectoryTest {
 protected:
  void SetUp() override {
    DirectoryTest::SetUp();
    for (int i = 0; i < 300'000; ++i) body += static_cast<char>(i * 31 + i / 251);
    write("body", body);
    md5 = md5_of_file(root / "body", observer);
    patience.attempts = 4;
    patience.pause = std::chrono::milliseconds(1);
    observer.log = [this](Severity, const std::string& text) { log += text + "\n"; };
  }
  void get(const TestServer& server) const {
    download({.url = server.url(), .md5 = md5, .bytes = static_cast<int64_t>(body.size())}, file,
             patience, observer);
  }
  std::string complaint(const TestServer& server, Fault fault) const {
    try {
      get(server);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      EXPECT_FALSE(fs::exists(file));
      return error.what();
    }
    return "";
  }
  // The error for `url`, which must come within 10 seconds.
  std::string unreachable(const std::string& url) const {
    const auto start = std::chrono::steady_clock::now();
    std::string message;
    try {
      download({.url = url, .md5 = md5, .bytes = static_cast<int64_t>(body.size())}, file, patience,
               observer);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::system);
      message = error.what();
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
    EXPECT_FALSE(fs::exists(file));
    return message;
  }
  void expect_whole() const {
    EXPECT_EQ(read_file(file), body);
    EXPECT_FALSE(fs::exists(part));
  }
  static std::vector<int64_t> starts(const TestServer& server) {
    std::vector<int64_t> starts;
    for (const Request& request : server.requests()) starts.push_back(request.start);
    return starts;
  }

  std::string body, md5, log;
  DownloadPatience patience;
  const fs::path file = root / "file", part = root / "file.part";
};

TEST_F(Downloads, Md5IsMd5) {
  write("abc", "abc");
  EXPECT_EQ(md5_of_file(root / "abc", observer), "900150983cd24fb0d6963f7d28e17f72");
}

TEST_F(Downloads, ArriveWholeAndTellHowFar) {
  int64_t reported = 0;
  observer.progress = [&](const Progress& progress) {
    EXPECT_EQ(progress.stage, "download");
    ++reported;
  };
  get(TestServer([&](const Request&) { return Reply{.body = body}; }));
  expect_whole();
  EXPECT_GT(reported, 0);
}

TEST_F(Downloads, GoOnWhereTheConnectionWasCut) {
  const TestServer server([&](const Request& request) {
    Reply reply = TestServer::whole_or_rest(body, request);
    if (request.number < 6) reply.cut_after = 40'000;  // more often than the attempts in a row
    return reply;
  });
  get(server);
  expect_whole();
  const std::vector<Request> requests = server.requests();
  ASSERT_EQ(requests.size(), 7u);
  for (size_t i = 1; i < requests.size(); ++i) {
    EXPECT_EQ(requests[i].start, 40'000 * static_cast<int64_t>(i));
  }
}

TEST_F(Downloads, GoOnWithThePartOfAnEarlierCall) {
  write("file.part", body.substr(0, 1000));
  const TestServer server(
      [&](const Request& request) { return TestServer::whole_or_rest(body, request); });
  get(server);
  expect_whole();
  EXPECT_THAT(starts(server), ElementsAre(1000));
}

TEST_F(Downloads, AWholePartIsNotFetchedAgain) {
  write("file.part", body);
  const TestServer server([](const Request&) { return Reply{.status = 404}; });
  get(server);
  expect_whole();
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(Downloads, StartAnewWhereRangesAreIgnored) {
  const TestServer server([&](const Request& request) {
    return Reply{.body = body, .cut_after = request.number == 0 ? 70'000 : std::string::npos};
  });
  get(server);
  expect_whole();
  EXPECT_THAT(starts(server), ElementsAre(-1, 70'000));
}

TEST_F(Downloads, StartAnewWhereTheRangeIsAnotherOrRefused) {
  for (const int status : {206, 416}) {
    fs::remove(file);
    write("file.part", body.substr(0, 1000));
    const TestServer server([&](const Request& request) {
      if (request.start < 0) return Reply{.body = body};
      return Reply{.status = status,
                   .body = body.substr(500),
                   .headers = "Content-Range: bytes 500-299999/300000\r\n"};
    });
    get(server);
    expect_whole();
    EXPECT_THAT(starts(server), ElementsAre(1000, -1));
  }
}

TEST_F(Downloads, APartThatDoesNotFitIsFetchedAnew) {
  write("file.part", "of another file");
  const TestServer server(
      [&](const Request& request) { return TestServer::whole_or_rest(body, request); });
  get(server);
  expect_whole();
  EXPECT_THAT(log, HasSubstr("do not fit together"));
}

TEST_F(Downloads, ACutThatNoLengthShowsIsNoticed) {
  const TestServer server([&](const Request& request) {
    Reply reply = TestServer::whole_or_rest(body, request);
    reply.tells_length = false;
    if (request.number == 0) reply.cut_after = 40'000;
    return reply;
  });
  get(server);
  expect_whole();
  EXPECT_THAT(starts(server), ElementsAre(-1, 40'000));
}

TEST_F(Downloads, WaitForAServerThatIsBusy) {
  const TestServer server([&](const Request& request) {
    if (request.number < 3) return Reply{.status = 503, .body = "<html>busy</html>"};
    return Reply{.body = body};
  });
  get(server);
  expect_whole();
  EXPECT_EQ(server.requests().size(), 4u);
}

TEST_F(Downloads, GiveUpAfterAttemptsThatGetNoFurther) {
  write("file.part", body.substr(0, 1000));
  const TestServer server([](const Request&) { return Reply{.status = 500}; });
  EXPECT_THAT(complaint(server, Fault::system),
              AllOf(HasSubstr("answers 500"), HasSubstr("nolabel tried 4 times")));
  EXPECT_EQ(server.requests().size(), 4u);
  EXPECT_EQ(read_file(part).size(), 1000u);
}

TEST_F(Downloads, WithoutANetworkSayWhatToPlaceWhere) {
  for (const bool open : {false, true}) {
    const DeadPort port(open);
    const std::string url = port.url("/data/set.tar.gz?raw=1");
    patience.pause = std::chrono::milliseconds(10);
    patience.unreachable = std::chrono::milliseconds(200);
    EXPECT_THAT(unreachable(url), AllOf(HasSubstr(url + " cannot be downloaded: "),
                                        HasSubstr("Is there a network? Place set.tar.gz (0.3 MB"),
                                        HasSubstr("at " + file.string() + " by hand")));
    EXPECT_FALSE(fs::exists(part));
  }
  EXPECT_THAT(unreachable("http://no.such.name.invalid/file"),
              HasSubstr("in " + root.string() + " by hand"));
}

TEST_F(Downloads, WithoutANetworkThePartStays) {
  write("file.part", body.substr(0, 1000));
  EXPECT_THAT(unreachable(DeadPort(false).url()), HasSubstr("cannot be downloaded"));
  EXPECT_EQ(read_file(part).size(), 1000u);
}

TEST_F(Downloads, ARedirectionToNobodyIsUnreachable) {
  const DeadPort port(false);
  const TestServer server([&](const Request&) {
    return Reply{.status = 302, .headers = format("Location: {}\r\n", port.url())};
  });
  EXPECT_THAT(unreachable(server.url()), HasSubstr("Is there a network?"));
}

TEST_F(Downloads, AProxyThatIsNotThereIsUnreachable) {
  const DeadPort port(false);
  ::setenv("http_proxy", port.url("").c_str(), 1);
  const std::string message = unreachable("http://no.such.name.invalid/file");
  ::unsetenv("http_proxy");
  EXPECT_THAT(message, HasSubstr("Is there a network?"));
}

TEST_F(Downloads, ANetworkThatGoesAwayMidwayIsWaitedFor) {
  const TestServer server([&](const Request& request) {
    Reply reply = TestServer::whole_or_rest(body, request);
    if (request.number == 0) reply.cut_after = 40'000;
    if (request.number == 1)
      reply = {.status = 302, .headers = "Location: http://127.0.0.1:1/\r\n"};
    return reply;
  });
  get(server);
  expect_whole();
}

TEST_F(Downloads, AFilePlacedByHandIsVerifiedAndKept) {
  const DeadPort port(false);
  const Download wanted{.url = port.url(), .md5 = md5};
  write("file", body);
  download(wanted, file, patience, observer);
  expect_whole();
  write("file", "another");
  EXPECT_THROW(download(wanted, file, patience, observer), Error);
  EXPECT_EQ(read_file(file), "another");
}

TEST_F(Downloads, AnAnswerThatWillNotChangeEndsIt) {
  const TestServer server([](const Request&) { return Reply{.status = 404}; });
  EXPECT_THAT(complaint(server, Fault::system),
              AllOf(HasSubstr("the server answers 404"), HasSubstr("by hand")));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(Downloads, WrongBytesAreRemovedAndSaid) {
  for (const std::string& wrong :
       {std::string("<html>please log in</html>"), std::string(body.size(), 'x'), body + "more"}) {
    const TestServer server([&](const Request&) { return Reply{.body = wrong}; });
    EXPECT_THAT(complaint(server, Fault::data),
                AllOf(HasSubstr("not the file that was published"), HasSubstr(md5)));
    EXPECT_FALSE(fs::exists(part));
    EXPECT_EQ(server.requests().size(), 1u);
  }
}

TEST_F(Downloads, AFileWithoutEndDoesNotFillTheDisk) {
  const TestServer server([&](const Request&) {
    return Reply{.body = body + body + body + body, .tells_length = false};
  });
  EXPECT_THAT(complaint(server, Fault::system), HasSubstr("longer than what was published"));
}

TEST_F(Downloads, RedirectionsAreFollowedOverHttpOnly) {
  const TestServer server([&](const Request& request) {
    if (request.path == "/file") {
      return Reply{.status = 302, .body = "moved", .headers = "Location: /there\r\n"};
    }
    return TestServer::whole_or_rest(body, request);
  });
  get(server);
  expect_whole();
  fs::remove(file);
  const TestServer elsewhere([&](const Request&) {
    return Reply{.status = 302,
                 .headers = format("Location: file://{}\r\n", (root / "body").string())};
  });
  EXPECT_NE(complaint(elsewhere, Fault::system), "");
}

TEST_F(Downloads, StopOnRequestAndKeepThePart) {
  const TestServer server([&](const Request& request) {
    if (request.number > 0) observer.cancel.request();
    Reply reply = TestServer::whole_or_rest(body, request);
    if (request.number == 0) reply.cut_after = 40'000;
    return reply;
  });
  complaint(server, Fault::stopped);
  EXPECT_GE(read_file(part).size(), 40'000u);
}

}  // namespace
}  // namespace nolabel
