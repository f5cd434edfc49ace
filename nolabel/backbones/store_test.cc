#include "nolabel/backbones/store.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <future>
#include <set>

#include "nolabel/backbones/test_folders.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/fetch/test_directory.h"
#include "nolabel/fetch/test_lock_holder.h"
#include "nolabel/fetch/test_server.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Request = TestServer::Request;
using Reply = TestServer::Reply;

class BackboneStore : public DirectoryTest {
 protected:
  void SetUp() override {
    DirectoryTest::SetUp();
    for (int i = 0; i < 200'000; ++i) body += static_cast<char>(i * 31 + i / 251);
    backbone.sha256 = sha256(body);
    source.patience.pause = std::chrono::milliseconds(1);
    source.patience.attempts = 4;
  }
  fs::path get(const TestServer& server) {
    backbone.url = server.url("/some/net.pth");
    return get_backbone(
        backbone, source, [this](const fs::path& file) { checked.push_back(read_file(file)); },
        observer);
  }
  template <class Call>
  std::string refused(Fault fault, const Call& call) {
    try {
      call();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "nothing was refused";
    return "";
  }
  void place(const fs::path& file, const std::string& content) const {
    fs::create_directories(file.parent_path());
    write_file(file, content);
  }

  const TestBackboneFolders folders{root};
  PublishedBackbone backbone{.name = "net-s",
                             .summary = "a net",
                             .url = "http://127.0.0.1:1/some/net.pth",
                             .licence = "MIT",
                             .images = "some",
                             .labels = "none",
                             .hugging_face = "them/net"};
  BackboneSource source;
  std::string body;
  std::vector<std::string> checked;
};

TEST_F(BackboneStore, KeepsWhatIsTheKnownFile) {
  const TestServer server([&](const Request& request) {
    Reply reply = TestServer::whole_or_rest(body, request);
    if (request.number < 2) reply.cut_after = 60'000;
    return reply;
  });
  const fs::path file = get(server);
  EXPECT_EQ(file, root / "own/net-s/net.pth");
  EXPECT_EQ(read_file(file), body);
  ASSERT_EQ(checked.size(), 1u);
  EXPECT_EQ(checked[0], body);
  const auto found = find_on_disk(backbone);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->file, file);
  const size_t asked = server.requests().size();
  EXPECT_EQ(get(server), file);  // again: nothing is asked
  EXPECT_EQ(server.requests().size(), asked);
}

// Two at once. The first one's server holds its answer back until the second one says that it
// waits.
class TwoGetABackbone : public BackboneStore {
 protected:
  void SetUp() override {
    BackboneStore::SetUp();
    observer.log = [this](Severity, const std::string& text) {
      if (text.find("waits for that process") == text.npos) return;
      waiting = text;
      if (when_it_waits) when_it_waits();
      second_waits.set_value();
    };
  }
  // A lock of its own: the second one cannot tell it from another process.
  std::future<fs::path> begin_first() {
    auto first = std::async(std::launch::async, [this] {
      return get_backbone(
          backbone, source, [](const fs::path&) {}, Observer());
    });
    asked.get_future().wait();  // it holds the lock
    return first;
  }
  Reply whole_when_the_second_waits(const Request& request) {
    if (request.number == 0) {
      asked.set_value();
      second_waits.get_future().wait();
    }
    return TestServer::whole_or_rest(body, request);
  }

  std::promise<void> asked, second_waits;
  std::function<void()> when_it_waits;
  std::string waiting;
};

TEST_F(TwoGetABackbone, TheSecondWaitsAndUsesTheFileOfTheFirst) {
  const TestServer server(
      [this](const Request& request) { return whole_when_the_second_waits(request); });
  backbone.url = server.url("/some/net.pth");
  std::future<fs::path> first = begin_first();
  const fs::path file = get(server);
  EXPECT_EQ(waiting, "another process is downloading net-s; nolabel waits for that process");
  EXPECT_EQ(first.get(), file);
  EXPECT_EQ(read_file(file), body);
  EXPECT_EQ(server.requests().size(), 1u);
  EXPECT_TRUE(checked.empty());  // the first one has checked it
}

TEST_F(TwoGetABackbone, TheSecondDownloadsWhatTheFirstFailedToGet) {
  const TestServer server([this](const Request& request) {
    const Reply reply = whole_when_the_second_waits(request);
    return request.number == 0 ? Reply{.status = 404} : reply;
  });
  backbone.url = server.url("/some/net.pth");
  std::future<fs::path> first = begin_first();
  const fs::path file = get(server);
  EXPECT_THROW(first.get(), Error);
  EXPECT_EQ(read_file(file), body);
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(TwoGetABackbone, TheSecondGoesOnWhereTheFirstWasKilled) {
  const fs::path folder = root / "own/net-s";
  place(folder / "unchecked-net.pth.part", body.substr(0, 70'000));
  LockHolder first(folder);
  when_it_waits = [&first] { first.kill(); };
  const TestServer server(
      [this](const Request& request) { return TestServer::whole_or_rest(body, request); });
  EXPECT_EQ(read_file(get(server)), body);
  EXPECT_FALSE(waiting.empty());
  ASSERT_EQ(server.requests().size(), 1u);
  EXPECT_EQ(server.requests()[0].start, 70'000);
}

TEST_F(TwoGetABackbone, WaitingStopsOnRequest) {
  const DirectoryLock first(root / "own/net-s");
  when_it_waits = [this] { observer.cancel.request(); };
  const TestServer server([this](const Request&) { return Reply{.body = body}; });
  refused(Fault::stopped, [&] { get(server); });
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(BackboneStore, RefusesAnotherFile) {
  const TestServer server([&](const Request&) { return Reply{.body = "another file"}; });
  EXPECT_THAT(refused(Fault::data, [&] { get(server); }),
              HasSubstr("is not the file that was published"));
  EXPECT_FALSE(find_on_disk(backbone));
  place(root / "own/net-s/net.pth", "another file");
  EXPECT_THAT(refused(Fault::data, [&] { get(server); }), HasSubstr("which was published"));
}

TEST_F(BackboneStore, RefusesWhatIsNoSuchNetwork) {
  const TestServer server([&](const Request&) { return Reply{.body = body}; });
  backbone.url = server.url("/net.pth");
  const auto check = [](const fs::path&) { fail_data("it holds a cat."); };
  EXPECT_THAT(refused(Fault::data, [&] { get_backbone(backbone, source, check, observer); }),
              HasSubstr("must be a net. It is not, and was removed: it holds a cat."));
  EXPECT_FALSE(find_on_disk(backbone));
  EXPECT_FALSE(fs::exists(root / "own/net-s/unchecked-net.pth"));
}

TEST_F(BackboneStore, RemembersTheChecksumOfTheFirstUse) {
  backbone.sha256.clear();
  const TestServer server([&](const Request&) { return Reply{.body = body}; });
  const fs::path file = get(server);
  require_known_content(backbone, {file, ""});
  write_file(file, "changed");
  EXPECT_THAT(refused(Fault::data,
                      [&] {
                        require_known_content(backbone, {file, ""});
                      }),
              HasSubstr("at its first use"));
  // A person removes the file and fetches what the authors have now.
  fs::remove(file);
  body = "another version";
  EXPECT_EQ(read_file(get(server)), body);
  require_known_content(backbone, {file, ""});
}

// What turns out to be no network leaves nothing behind.
TEST_F(BackboneStore, RemembersNothingOfAFileThatWasOnlyLookedAt) {
  backbone.sha256.clear();
  const fs::path hub = root / "torch/hub/checkpoints/net.pth";
  place(hub, "junk");
  require_known_content(backbone, *find_on_disk(backbone));
  EXPECT_FALSE(fs::exists(root / "own"));
  place(hub, body);
  require_known_content(backbone, *find_on_disk(backbone));
  remember_content(backbone, *find_on_disk(backbone));
  place(hub, "junk");
  refused(Fault::data, [&] { require_known_content(backbone, *find_on_disk(backbone)); });
}

TEST_F(BackboneStore, AsksAMirror) {
  const TestServer server([&](const Request& request) {
    return request.path == "/copies/net.pth" ? Reply{.body = body} : Reply{.status = 404};
  });
  source.mirror = server.url("/copies");
  EXPECT_EQ(read_file(get_backbone(
                backbone, source, [](const fs::path&) {}, observer)),
            body);
  fs::remove_all(root / "own");
  source.mirror.clear();
  ::setenv("NOLABEL_MIRROR", server.url("/copies/").c_str(), 1);
  EXPECT_EQ(read_file(get_backbone(
                backbone, source, [](const fs::path&) {}, observer)),
            body);
}

TEST_F(BackboneStore, FindsWhatOtherProgramsHaveFetched) {
  EXPECT_FALSE(find_on_disk(backbone));
  const fs::path saved = root / "hf/hub/models--them--net/snapshots/1a2b/model.safetensors";
  place(saved, "Hugging Face's");
  EXPECT_EQ(find_on_disk(backbone)->file, saved);
  EXPECT_FALSE(find_on_disk(backbone)->is_of_authors);
  // Its bytes are not the authors': the checksum of the first use counts.
  remember_content(backbone, *find_on_disk(backbone));
  require_known_content(backbone, *find_on_disk(backbone));
  place(saved, "changed");
  refused(Fault::data, [&] { require_known_content(backbone, *find_on_disk(backbone)); });
  // The revision of `main` comes first.
  place(root / "hf/hub/models--them--net/snapshots/9z/model.safetensors", "newer");
  EXPECT_EQ(find_on_disk(backbone)->file, saved);
  place(root / "hf/hub/models--them--net/refs/main", "9z");
  EXPECT_EQ(read_file(find_on_disk(backbone)->file), "newer");
  require_known_content(backbone, *find_on_disk(backbone));
  place(root / "torch/hub/checkpoints/net.pth", body);
  EXPECT_EQ(find_on_disk(backbone)->place, "torch.hub's cache");
  require_known_content(backbone, *find_on_disk(backbone));
}

TEST_F(BackboneStore, RemembersThatAPersonDeclined) {
  EXPECT_FALSE(has_declined());
  remember_declined();
  EXPECT_TRUE(has_declined());
}

TEST(Catalogue, SaysWhatIsKnown) {
  std::set<std::string> names, files;
  for (const PublishedBackbone& one : published_backbones()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_TRUE(files.insert(one.file()).second) << one.file();  // a mirror tells them apart
    EXPECT_TRUE(one.url.starts_with("https://")) << one.name;
    for (const std::string& text : {one.summary, one.licence, one.images, one.labels}) {
      EXPECT_NE(text, "") << one.name;
    }
    EXPECT_EQ(find_published(one.name), &one);
    EXPECT_EQ(one.parameters.size(), one.architecture == "vit" ? 4u : 0u) << one.name;
  }
  const PublishedBackbone& best = published_backbones().front();
  EXPECT_EQ(best.url,
            "https://dl.fbaipublicfiles.com/dinov2/dinov2_vits14/dinov2_vits14_pretrain.pth");
  EXPECT_EQ(best.bytes, 88'283'115);
  EXPECT_EQ(best.sha256, "b938bf1bc15cd2ec0feacfe3a1bb553fe8ea9ca46a7e1d8d00217f29aef60cd9");
  EXPECT_EQ(find_published("supervised-resnet50")->file(), "resnet50-11ad3fa6.pth");
  EXPECT_EQ(find_published("clip-b32")->file(), "ViT-B-32.pt");
  // Two that differ in their registers only.
  EXPECT_EQ(find_published("dinov2-l14-reg")->file(), "dinov2_vitl14_reg4_pretrain.pth");
  EXPECT_EQ(find_published("dinov2-l14-reg")->parameters.at("registers"), "4");
  EXPECT_EQ(find_published("dinov2-l14")->parameters.at("registers"), "0");
  EXPECT_EQ(find_published("dinov3"), nullptr);
}

}  // namespace
}  // namespace nolabel
