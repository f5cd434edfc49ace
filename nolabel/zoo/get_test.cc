#include "nolabel/zoo/get.h"
#include <future>

#include "nolabel/fetch/test_lock_holder.h"
#include "nolabel/fetch/test_server.h"
#include "nolabel/zoo/tiny_zoo_test.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Request = TestServer::Request;
using Reply = TestServer::Reply;

class Get : public TinyZoo {
 protected:
  // The files move from `shipped` to a place of their own.
  void take_away() {
    fs::create_directories(place);
    for (const char* name : {"tiny.safetensors", "tiny-scan.heads.safetensors"}) {
      fs::rename(shipped / name, place / name);
    }
  }
  static ZooSource from(const TestServer& server) {
    return {.place = server.url("/zoo"),
            .patience = {.attempts = 3, .pause = std::chrono::milliseconds(1)}};
  }
  Reply file_of(const Request& request) const {
    if (!request.path.starts_with("/zoo/")) return {.status = 404};
    return TestServer::whole_or_rest(read_file(place / request.path.substr(5)), request);
  }
  const fs::path place = root / "place";
};

TEST_F(Get, GivesWhatWasShipped) {
  EXPECT_EQ(get("tiny"), out / "tiny.safetensors");
  EXPECT_EQ(read_file(out / "tiny.safetensors"), read_file(shipped / "tiny.safetensors"));
  EXPECT_THAT(files_out(), ElementsAre("tiny.safetensors"));
}

TEST_F(Get, JoinsHeadsWithTheirBackbone) {
  get("tiny-scan");
  EXPECT_EQ(read_file(out / "tiny-scan.safetensors"), read_file(whole_file));
  EXPECT_THAT(files_out(), ElementsAre("tiny-scan.safetensors"));
}

TEST_F(Get, KeepsAFileThatIsThereAndNoOther) {
  get("tiny");
  get("tiny");
  EXPECT_THAT(log, HasSubstr("is there already"));
  damage(out / "tiny.safetensors");
  EXPECT_THAT(complaint("tiny", Fault::usage), HasSubstr("--force"));
  get("tiny", {}, true);
  EXPECT_EQ(read_file(out / "tiny.safetensors"), read_file(shipped / "tiny.safetensors"));
}

TEST_F(Get, RefusesADamagedFile) {
  for (const char* file : {"tiny.safetensors", "tiny-scan.heads.safetensors"}) {
    damage(shipped / file);
  }
  for (const char* name : {"tiny", "tiny-scan"}) {
    EXPECT_THAT(complaint(name, Fault::data), HasSubstr("SHA-256"));
    EXPECT_THAT(files_out(), IsEmpty());
  }
}

TEST_F(Get, WithoutAPlaceSaysThatThereIsNone) {
  take_away();
  EXPECT_FALSE(is_shipped(manifest(), manifest().entries[1]));
  EXPECT_THAT(complaint("tiny", Fault::usage),
              AllOf(HasSubstr("no public place"), HasSubstr("--from")));
  EXPECT_THAT(complaint("tiny-scan", Fault::usage), HasSubstr("tiny.safetensors"));
}

TEST_F(Get, FromAFolder) {
  take_away();
  const ZooSource source{.place = place.string()};
  get("tiny", source);
  get("tiny-scan", source);
  EXPECT_EQ(read_file(out / "tiny-scan.safetensors"), read_file(whole_file));
  fs::remove_all(out);
  damage(place / "tiny.safetensors");
  EXPECT_THAT(complaint("tiny", Fault::data, source), HasSubstr("SHA-256"));
  fs::remove(place / "tiny.safetensors");
  EXPECT_THAT(complaint("tiny", Fault::usage, source), HasSubstr("must hold tiny.safetensors"));
  EXPECT_THAT(files_out(), IsEmpty());
}

TEST_F(Get, TakesTheWholeFileWhereAFolderHasIt) {
  take_away();
  fs::remove(place / "tiny.safetensors");
  fs::rename(whole_file, place / "tiny-scan.safetensors");
  get("tiny-scan", {.place = place.string()});
  EXPECT_EQ(file_hash(out / "tiny-scan.safetensors"), list["entries"][1]["sha256"]);
}

TEST_F(Get, OverHttpThroughCutConnections) {
  take_away();
  const TestServer server([&](const Request& request) {
    Reply reply = file_of(request);
    if (request.number < 2) reply.cut_after = 20'000;
    return reply;
  });
  get("tiny-scan", from(server));
  EXPECT_EQ(read_file(out / "tiny-scan.safetensors"), read_file(whole_file));
  EXPECT_THAT(files_out(), ElementsAre("tiny-scan.safetensors"));
  EXPECT_EQ(server.requests()[1].start, 20'000);
}

TEST_F(Get, InterruptedLeavesNothingUnderTheNameAndGoesOn) {
  take_away();
  {
    const TestServer dead([&](const Request& request) {
      Reply reply = file_of(request);
      reply.cut_after = request.number == 0 ? 30'000 : 0;
      return reply;
    });
    EXPECT_THAT(complaint("tiny", Fault::system, from(dead)), HasSubstr("continues at"));
  }
  EXPECT_THAT(files_out(), ElementsAre(".nolabel-zoo-tiny"));
  const TestServer server([&](const Request& request) { return file_of(request); });
  get("tiny", from(server));
  EXPECT_EQ(server.requests()[0].start, 30'000);
  EXPECT_THAT(files_out(), ElementsAre("tiny.safetensors"));
}

TEST_F(Get, OverHttpRefusesOtherBytes) {
  take_away();
  damage(place / "tiny.safetensors");
  const TestServer server([&](const Request& request) { return file_of(request); });
  EXPECT_THAT(complaint("tiny", Fault::data, from(server)), HasSubstr("its SHA-256 must be"));
  EXPECT_FALSE(fs::exists(out / "tiny.safetensors"));
  const TestServer empty([](const Request&) { return Reply{.status = 404}; });
  EXPECT_THAT(complaint("tiny", Fault::system, from(empty)), HasSubstr("404"));
}

// An entry of such a name is not read from a list (manifest_test.cc); one made by hand:
TEST_F(Get, AHostileNameRemovesNothing) {
  take_away();
  const TestServer server([&](const Request& request) { return file_of(request); });
  fs::create_directories(root / "photos");
  write_file(root / "photos/1.jpg", "x");
  fs::create_directories(out / ".nolabel-zoo-a");
  ZooManifest zoo = manifest();
  zoo.entries[0].name = "a/../../photos";
  EXPECT_THROW(get_entry(zoo, zoo.entries[0], from(server), out, false, observer), Error);
  EXPECT_TRUE(fs::exists(root / "photos/1.jpg"));
  EXPECT_THAT(server.requests(), IsEmpty());
}

TEST_F(Get, AsksNoPlaceForWhatWasShipped) {
  const TestServer server([&](const Request& request) { return file_of(request); });
  get("tiny-scan", from(server));
  EXPECT_THAT(server.requests(), IsEmpty());
  EXPECT_THAT(log, HasSubstr("is not asked"));
}

// Two at once. The first one's server holds its answer back until the second one says that it
// waits.
class TwoGet : public Get {
 protected:
  void SetUp() override {
    Get::SetUp();
    take_away();
    observer.log = [this](Severity, const std::string& text) {
      if (text.find("waits for that process") == text.npos) return;
      waiting = text;
      if (when_it_waits) when_it_waits();
      second_waits.set_value();
    };
  }
  // A lock of its own: the second one cannot tell it from another process.
  std::future<fs::path> begin_first(const std::string& name, const TestServer& server) {
    auto first = std::async(std::launch::async, [this, name, &server] {
      const ZooManifest zoo = manifest();
      return get_entry(zoo, find_entry(zoo, name), from(server), out, false, Observer());
    });
    asked.get_future().wait();  // it holds the lock
    return first;
  }
  Reply file_when_the_second_waits(const Request& request) {
    if (request.number == 0) {
      asked.set_value();
      second_waits.get_future().wait();
    }
    return file_of(request);
  }

  std::promise<void> asked, second_waits;
  std::function<void()> when_it_waits;
  std::string waiting;
};

TEST_F(TwoGet, TheSecondWaitsAndUsesTheFileOfTheFirst) {
  const TestServer server(
      [this](const Request& request) { return file_when_the_second_waits(request); });
  std::future<fs::path> first = begin_first("tiny-scan", server);
  EXPECT_EQ(get("tiny-scan", from(server)), out / "tiny-scan.safetensors");
  EXPECT_EQ(waiting, "another process is downloading tiny-scan; nolabel waits for that process");
  EXPECT_EQ(first.get(), out / "tiny-scan.safetensors");
  EXPECT_EQ(read_file(out / "tiny-scan.safetensors"), read_file(whole_file));
  EXPECT_EQ(server.requests().size(), 2u);  // the backbone and the head, once
  EXPECT_THAT(files_out(), ElementsAre("tiny-scan.safetensors"));
}

TEST_F(TwoGet, TheSecondDownloadsWhatTheFirstFailedToGet) {
  const TestServer server([this](const Request& request) {
    const Reply reply = file_when_the_second_waits(request);
    return request.number == 0 ? Reply{.status = 404} : reply;
  });
  std::future<fs::path> first = begin_first("tiny", server);
  get("tiny", from(server));
  EXPECT_THROW(first.get(), Error);
  EXPECT_EQ(read_file(out / "tiny.safetensors"), read_file(place / "tiny.safetensors"));
  EXPECT_THAT(files_out(), ElementsAre("tiny.safetensors"));
}

TEST_F(TwoGet, TheSecondGoesOnWhereTheFirstWasKilled) {
  const fs::path work = out / ".nolabel-zoo-tiny";
  fs::create_directories(work);
  write_file(work / "tiny.safetensors.part",
             read_file(place / "tiny.safetensors").substr(0, 30'000));
  LockHolder first(work);
  when_it_waits = [&first] { first.kill(); };
  const TestServer server([this](const Request& request) { return file_of(request); });
  get("tiny", from(server));
  EXPECT_FALSE(waiting.empty());
  ASSERT_EQ(server.requests().size(), 1u);
  EXPECT_EQ(server.requests()[0].start, 30'000);
  EXPECT_THAT(files_out(), ElementsAre("tiny.safetensors"));
}

TEST_F(TwoGet, WaitingStopsOnRequest) {
  const DirectoryLock first(out / ".nolabel-zoo-tiny");
  when_it_waits = [this] { observer.cancel.request(); };
  const TestServer server([this](const Request& request) { return file_of(request); });
  EXPECT_THAT(complaint("tiny", Fault::stopped, from(server)), testing::Not(IsEmpty()));
  EXPECT_THAT(server.requests(), IsEmpty());
}

}  // namespace
}  // namespace nolabel
