#include "nolabel/zoo/manifest.h"

#include "nolabel/zoo/table.h"
#include "nolabel/zoo/tiny_zoo_test.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class Manifest : public TinyZoo {
 protected:
  // What reading the list says after `change`.
  template <class Change>
  std::string complaint_about(const Change& change) {
    const nlohmann::json before = list;
    change(list["entries"]);
    write_list();
    list = before;
    try {
      manifest();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data) << error.what();
      return error.what();
    }
    return "";
  }
};

TEST_F(Manifest, NamesTheEntryThatIsWrong) {
  using json = nlohmann::json;
  const auto names = [](const char* text) { return AllOf(HasSubstr("zoo.json"), HasSubstr(text)); };
  EXPECT_THAT(complaint_about([](json& entries) { entries[1].erase("sha256"); }),
              names("tiny-scan: a key is missing"));
  EXPECT_THAT(complaint_about([](json& entries) { entries[0]["bytes"] = "1"; }), names("tiny: "));
  EXPECT_THAT(complaint_about([](json& entries) { entries[0]["sha256"] = "abc"; }),
              names("64 small hexadecimal digits"));
  EXPECT_THAT(complaint_about([](json& entries) { entries[0]["file"] = "../../etc/passwd"; }),
              names("without a folder"));
  EXPECT_THAT(complaint_about([](json& entries) { entries[0]["kind"] = "moco"; }),
              names("kind must be"));
  EXPECT_THAT(complaint_about([](json& entries) { entries[1]["head"]["on"] = "other"; }),
              names("an entry before it"));
  EXPECT_THAT(complaint_about([](json& entries) { entries.push_back(entries[0]); }),
              names("two entries"));
  write_file(shipped / "zoo.json", "{");
  EXPECT_THROW(manifest(), Error);
}

// A name becomes that of a folder, which `get` removes.
TEST_F(Manifest, RefusesNamesThatLeadElsewhere) {
  using json = nlohmann::json;
  for (const char* name : {"", "a/../../photos", "..", "a b", "Tiny", "a\n", "."}) {
    const auto rename = [&](json& entries) { entries[0]["name"] = name; };
    EXPECT_THAT(complaint_about(rename), HasSubstr("a-z, 0-9 and -")) << name;
  }
  EXPECT_EQ(complaint_about([](json& entries) { entries[1]["name"] = "a-2"; }), "");
}

TEST_F(Manifest, RefusesWhatLaterReadersWouldMiss) {
  using json = nlohmann::json;
  list["entries"][1]["repeats"] = {{"seeds", {"1"}}, {"ACC", {{"mean", 0.5}, {"std", 0.1}}}};
  list["entries"][1]["metrics"]["neighbor_accuracy"] = {{"1", nullptr}};
  list["entries"][1]["notes"] = "one";
  EXPECT_EQ(complaint_about([](json&) {}), "");
  for (const char* key :
       {"/summary", "/licence", "/program", "/network", "/network/backbone", "/network/image_size",
        "/metrics", "/metrics/images", "/metrics/data", "/data/terms", "/recipe/commands",
        "/recipe/seed", "/repeats/seeds", "/repeats/ACC/mean", "/repeats/ACC/std", "/head/on"}) {
    const json::json_pointer member(key);
    const auto erase = [&](json& entries) {
      entries[1][member.parent_pointer()].erase(member.back());
    };
    EXPECT_THAT(complaint_about(erase), HasSubstr("tiny-scan: ")) << key;
  }
  const std::pair<const char*, json> mistyped[] = {{"/name", 1},
                                                   {"/notes", 1},
                                                   {"/bytes", 1.5},
                                                   {"/bytes", true},
                                                   {"/bytes", -1},
                                                   {"/network", "none"},
                                                   {"/network/backbone", 18},
                                                   {"/network/width", "8"},
                                                   {"/network/width", 8e12},
                                                   {"/network/image_size", 0},
                                                   {"/network/clusters", "3"},
                                                   {"/network/projection", 128},
                                                   {"/metrics", {1}},
                                                   {"/metrics/images", "3"},
                                                   {"/metrics/data", 3},
                                                   {"/metrics/ACC", "half"},
                                                   {"/metrics/neighbor_accuracy", 0.5},
                                                   {"/metrics/neighbor_accuracy/1", "half"},
                                                   {"/data", "CIFAR-10"},
                                                   {"/recipe/commands", "nolabel"},
                                                   {"/repeats", 3},
                                                   {"/repeats/seeds", 3},
                                                   {"/repeats/ACC", 0.5},
                                                   {"/repeats/ACC/mean", "half"},
                                                   {"/head", "tiny"}};
  for (const auto& [key, value] : mistyped) {
    const auto change = [&](json& entries) { entries[1][json::json_pointer(key)] = value; };
    EXPECT_NE(complaint_about(change), "") << key << " " << value;
  }
  list["tolerance"] = "0.5";
  EXPECT_NE(complaint_about([](json&) {}), "");
}

TEST_F(Manifest, UnknownNamesGetTheNearest) {
  try {
    find_entry(manifest(), "tiny-scam");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_THAT(error.what(), HasSubstr("Did you mean tiny-scan?"));
  }
}

// The zoo of this repository: what its list says is true. Figures are `zoo verify --data`'s.
TEST(ShippedZoo, FilesAreWhatTheListSays) {
  const fs::path source = fs::path(NOLABEL_TEST_DATA).parent_path().parent_path().parent_path();
  const ZooManifest zoo = read_manifest(source / "zoo" / "zoo.json");
  ASSERT_FALSE(zoo.entries.empty());
  const TemporaryDirectory out;
  std::vector<std::string> files{"zoo.json"};
  for (const ZooEntry& entry : zoo.entries) {
    SCOPED_TRACE(entry.name);
    const fs::path file = get_entry(zoo, entry, {}, out.path(), false, {});
    EXPECT_EQ(network_of(file), entry.network);
    files.push_back(entry.head ? entry.head->file.name : entry.file.name);
  }
  for (const auto& file : fs::directory_iterator(source / "zoo")) {  // none that nobody lists
    EXPECT_THAT(files, testing::Contains(file.path().filename().string()));
  }
}

TEST(ShippedZoo, PageIsGenerated) {
  const fs::path source = fs::path(NOLABEL_TEST_DATA).parent_path().parent_path().parent_path();
  const std::string begin = "<!-- begin: nolabel zoo list --markdown -->\n";
  const std::string page = read_file(source / "docs" / "model-zoo.md");
  const size_t start = page.find(begin) + begin.size();
  ASSERT_NE(page.find(begin), page.npos);
  EXPECT_EQ(page.substr(start, page.find("<!-- end -->\n") - start),
            zoo_markdown(read_manifest(source / "zoo" / "zoo.json")))
      << "tools/zoo_entry.py writes it; or `nolabel zoo list --markdown` between the two marks";
}

}  // namespace
}  // namespace nolabel
