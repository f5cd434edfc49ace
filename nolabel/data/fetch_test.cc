#include "nolabel/data/fetch.h"

#include <gmock/gmock.h>

#include "nolabel/data/test_folder.h"
#include "nolabel/fetch/md5.h"
#include "nolabel/fetch/test_archive.h"
#include "nolabel/fetch/test_server.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Request = TestServer::Request;

class Fetch : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    pack({{.name = "stl10_binary/train_X.bin", .content = std::string(27648, 'x')},
          {.name = "stl10_binary/train_y.bin", .content = "\x03"}});
    patience.attempts = 2;
    patience.pause = std::chrono::milliseconds(1);
  }
  void pack(const std::vector<TestEntry>& entries) {
    write_archive(root / "archive", entries);
    body = read_file(root / "archive");
    data.archive->md5 = md5_of_file(root / "archive", observer);
    data.archive->bytes = static_cast<int64_t>(body.size());
  }
  fs::path fetch(const TestServer& server) {
    data.archive->url = server.url();
    return fetch_published(data, folder, observer, patience);
  }
  std::string complaint(const TestServer& server, Fault fault) {
    try {
      fetch(server);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      return error.what();
    }
    return "";
  }
  PublishedData data = published_data("stl-10");
  std::string body;
  DownloadPatience patience;
  const fs::path folder = root / "data/of mine";
};

TEST_F(Fetch, BringsWhatLoads) {
  const TestServer server(
      [&](const Request& request) { return TestServer::whole_or_rest(body, request); });
  EXPECT_EQ(fetch(server), folder / "stl10_binary");
  options.split = Split::train;
  EXPECT_EQ(load({folder / "stl10_binary"}).dataset.label(0), 2);
  // Nothing else is left, and the second call asks for nothing.
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
  EXPECT_EQ(fetch(server), folder / "stl10_binary");
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(Fetch, WhatIsThereIsUsedAsItIs) {
  const TestServer server([](const Request&) { return TestServer::Reply{.status = 404}; });
  write("data/of mine/stl10_binary/train_X.bin", "fewer images than were published");
  EXPECT_EQ(fetch(server), folder / "stl10_binary");
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(Fetch, WhatIsSomethingElseIsNotReplaced) {
  const TestServer server([](const Request&) { return TestServer::Reply{.status = 404}; });
  write("data/of mine/stl10_binary/thesis.txt", "years of work");
  EXPECT_THAT(complaint(server, Fault::usage), HasSubstr("move it away"));
  EXPECT_EQ(read_file(folder / "stl10_binary/thesis.txt"), "years of work");
}

TEST_F(Fetch, AFolderThatHoldsSomethingElseStaysAsItIs) {
  const TestServer server([](const Request&) { return TestServer::Reply{.status = 404}; });
  write("data/of mine/holiday.jpg", "a photo");
  EXPECT_THAT(complaint(server, Fault::usage), HasSubstr("of mine holds holiday.jpg"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(Fetch, OtherPublishedDataMayBeThere) {
  for (const char* name : {"cifar-10-batches-py/x", "cifar-10-python.tar.gz", "imagenet/x",
                           "ILSVRC2012_img_val/x", ".DS_Store"}) {
    write(std::string("data/of mine/") + name, "");
  }
  const TestServer server(
      [&](const Request& request) { return TestServer::whole_or_rest(body, request); });
  EXPECT_EQ(fetch(server), folder / "stl10_binary");
}

TEST_F(Fetch, AnArchivePlacedByHandIsUnpacked) {
  data.archive->url = DeadPort(false).url("/stl10_binary.tar.gz");
  std::string message;
  try {
    fetch_published(data, folder, observer, patience);
  } catch (const Error& error) {
    message = error.what();
  }
  EXPECT_THAT(message, HasSubstr("Place stl10_binary.tar.gz"));
  EXPECT_THAT(message, HasSubstr("in " + folder.string() + " by hand"));
  fs::copy_file(root / "archive", folder / "stl10_binary.tar.gz");
  EXPECT_EQ(fetch_published(data, folder, observer, patience), folder / "stl10_binary");
  EXPECT_TRUE(fs::exists(folder / "stl10_binary.tar.gz"));
  fs::remove_all(folder / "stl10_binary");
  write("data/of mine/stl10_binary.tar.gz", "a web page");
  EXPECT_THROW(fetch_published(data, folder, observer, patience), Error);
}

TEST_F(Fetch, ACallGoesOnWithThePartOfTheLast) {
  bool working = false;
  const TestServer server([&](const Request& request) {
    if (request.number > 0 && !working) return TestServer::Reply{.status = 500};
    TestServer::Reply reply = TestServer::whole_or_rest(body, request);
    if (!working) reply.cut_after = 50;
    return reply;
  });
  complaint(server, Fault::system);
  EXPECT_FALSE(fs::exists(folder / "stl10_binary"));
  working = true;
  fetch(server);
  EXPECT_EQ(server.requests().back().start, 50);
}

TEST_F(Fetch, AnArchiveOfSomethingElseIsSaid) {
  pack({{.name = "readme", .content = "moved"}});
  const TestServer server(
      [&](const Request& request) { return TestServer::whole_or_rest(body, request); });
  EXPECT_THAT(complaint(server, Fault::data), HasSubstr("must hold the folder stl10_binary"));
}

TEST_F(Fetch, ImageNetIsNotDownloaded) {
  EXPECT_THROW(fetch_published(published_data("imagenet"), folder, observer), Error);
  EXPECT_FALSE(fs::exists(folder));
}

}  // namespace
}  // namespace nolabel
