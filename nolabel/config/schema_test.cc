#include "nolabel/config/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

enum class Optimizer { sgd, adam };

struct Settings {
  int epochs = 50;
  int64_t memory = 2'000'000'000'000;
  uint64_t seed = 0;
  float lr = 0.1f;
  double decay = 1e-4;
  bool use_ema = true;
  Optimizer optimizer = Optimizer::sgd;
  std::string setup = "scan";
  std::string root;
  std::vector<float> mean{0.5f, 0.25f};
  std::vector<int> steps{60, 80};
  int threads = 1;
};

void declare(Schema& schema, Settings& s) {
  schema.add("epochs", &s.epochs, {.low = 1, .high = 100000}, "passes over the data");
  schema.add("memory", &s.memory, {.low = 0}, "bytes");
  schema.add("seed", &s.seed, "of every random number");
  schema.add("use_ema", &s.use_ema, "average the weights");
  schema.add("optimizer", &s.optimizer, {{"sgd", Optimizer::sgd}, {"adam", Optimizer::adam}},
             "how to step");
  schema.add("setup", &s.setup, "the stage");
  schema.add("root_dir", &s.root, "where results go");
  schema.add("threads", &s.threads, {.low = 1}, "processors to use", Effect::none);
  {
    const auto group = schema.group("optimizer_kwargs");
    schema.add("lr", &s.lr, {.low = 0, .high = 10}, "learning rate");
    schema.add("weight_decay", &s.decay, {.low = 0}, "L2");
  }
  const auto outer = schema.group("augmentation_kwargs");
  schema.add("lr_decay_epochs", &s.steps, {.low = 0, .high = 1000}, "where the rate drops");
  const auto inner = schema.group("normalize");
  schema.add("mean", &s.mean, {.low = 0, .high = 1}, "of each channel");
}

class SchemaTest : public ::testing::Test {
 protected:
  SchemaTest() { declare(schema, settings); }

  void load(const std::string& yaml) {
    write_file(path, yaml);
    schema.load_yaml(path);
  }

  // The message of the usage error that the action ends with.
  template <class Action>
  std::string message(Action action) {
    try {
      action();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("\n")));
      std::string text = error.what();
      if (const size_t at = text.find(path.string()); at != std::string::npos) {
        text.replace(at, path.string().size(), "my.yml");
      }
      return text;
    }
    return "no error";
  }
  std::string yaml_message(const std::string& yaml) {
    return message([&] { load(yaml); });
  }
  std::string set_message(const std::string& assignment) {
    return message([&] { schema.set_assignment(assignment, "--set"); });
  }

  const std::filesystem::path path =
      std::filesystem::path(::testing::TempDir()) /
      (std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) + ".yml");
  Settings settings;
  Schema schema;
};

TEST_F(SchemaTest, LoadYamlReadsThePublishedStyle) {
  load(
      "# comment\n"
      "setup: scan\n"
      "optimizer_kwargs:\n"
      "   lr: 0.0001\n"
      "   weight_decay: 1e-4\n"
      "augmentation_kwargs: {lr_decay_epochs: [60, 8e1, 100.], normalize: {mean: [0.4914, .5]}}\n"
      "use_ema: False\n"
      "optimizer: 'adam'\n"
      "root_dir: None\n"
      "epochs: 1_000\n"
      "seed: 18446744073709551615\n");
  EXPECT_EQ(settings.setup, "scan");
  EXPECT_EQ(settings.lr, 0.0001f);
  EXPECT_EQ(settings.decay, 1e-4);
  EXPECT_THAT(settings.steps, ElementsAre(60, 80, 100));
  EXPECT_THAT(settings.mean, ElementsAre(0.4914f, 0.5f));
  EXPECT_FALSE(settings.use_ema);
  EXPECT_EQ(settings.optimizer, Optimizer::adam);
  EXPECT_EQ(settings.root, "");
  EXPECT_EQ(settings.epochs, 1000);
  EXPECT_EQ(settings.seed, 18446744073709551615u);
  EXPECT_EQ(schema.find("epochs")->origin, path.string() + ":10");
  EXPECT_TRUE(schema.is_set("optimizer_kwargs.lr"));
  EXPECT_FALSE(schema.is_set("threads"));
}

TEST_F(SchemaTest, LoadYamlTakesEverySpellingOfTrueAndFalse) {
  for (const char* yes : {"True", "true", "yes", "Yes", "on", "1", "TRUE"}) {
    settings.use_ema = false;
    load(std::string("use_ema: ") + yes);
    EXPECT_TRUE(settings.use_ema) << yes;
  }
  for (const char* no : {"False", "false", "no", "off", "0"}) {
    load(std::string("use_ema: ") + no);
    EXPECT_FALSE(settings.use_ema) << no;
  }
}

TEST_F(SchemaTest, NothingIsNoText) {
  for (const char* nothing : {"None", "null", "~", ""}) {
    settings.root = "/data";
    load(std::string("root_dir: ") + nothing);
    EXPECT_EQ(settings.root, "") << nothing;
  }
  load("root_dir: 'None'");
  EXPECT_EQ(settings.root, "None");
  load("optimizer_kwargs: None\nepochs: 3");
  EXPECT_EQ(settings.epochs, 3);
  EXPECT_EQ(yaml_message("epochs: null"),
            "epochs must be a whole number. Received nothing. (my.yml:1)");
}

TEST_F(SchemaTest, EmptyFilesSetNothing) {
  for (const char* empty : {"", "# nothing\n", "---\n"}) load(empty);
  EXPECT_FALSE(schema.is_set("epochs"));
}

TEST_F(SchemaTest, OutOfRangeSaysRangeValueAndLine) {
  EXPECT_EQ(yaml_message("setup: scan\n\nepochs: 0\n"),
            "epochs must be 1..100000. Received 0. (my.yml:3)");
  EXPECT_EQ(yaml_message("epochs: 99999999999999999999"),
            "epochs must be 1..100000. Received 99999999999999999999. (my.yml:1)");
  EXPECT_EQ(yaml_message("seed: -1"),
            "seed must be 0..18446744073709551615. Received -1. (my.yml:1)");
  EXPECT_EQ(yaml_message("memory: 1e30"),
            "memory must be 0..9223372036854775807. Received 1e30. (my.yml:1)");
  EXPECT_EQ(yaml_message("memory: -1"), "memory must be at least 0. Received -1. (my.yml:1)");
  EXPECT_EQ(yaml_message("optimizer_kwargs:\n  lr: 11"),
            "optimizer_kwargs.lr must be 0..10. Received 11. (my.yml:2)");
  EXPECT_EQ(yaml_message("augmentation_kwargs: {normalize: {mean: [0.1, 1.5]}}"),
            "augmentation_kwargs.normalize.mean must be 0..1. Received \"[0.1, 1.5]\". (my.yml:1)");
  EXPECT_EQ(settings.epochs, 50);
}

TEST_F(SchemaTest, WrongTypeSaysWhatIsWanted) {
  EXPECT_EQ(yaml_message("epochs: many"),
            "epochs must be a whole number. Received \"many\". (my.yml:1)");
  EXPECT_EQ(yaml_message("epochs: 1.5"), "epochs must be a whole number. Received 1.5. (my.yml:1)");
  EXPECT_EQ(yaml_message("epochs: [1, 2]"),
            "epochs must be a whole number. Received \"[1, 2]\". (my.yml:1)");
  EXPECT_EQ(yaml_message("epochs: {a: 1}"),
            "epochs must be a single value. Received a group. (my.yml:1)");
  EXPECT_EQ(yaml_message("optimizer_kwargs: {lr: fast}"),
            "optimizer_kwargs.lr must be a number. Received \"fast\". (my.yml:1)");
  EXPECT_EQ(yaml_message("optimizer_kwargs: {lr: nan}"),
            "optimizer_kwargs.lr must be a number. Received nan. (my.yml:1)");
  EXPECT_EQ(yaml_message("use_ema: maybe"),
            "use_ema must be true or false. Received \"maybe\". (my.yml:1)");
  EXPECT_EQ(yaml_message("augmentation_kwargs:\n  lr_decay_epochs: [1, x]"),
            "augmentation_kwargs.lr_decay_epochs must be a list of whole numbers. Received "
            "\"[1, x]\". (my.yml:2)");
  EXPECT_EQ(yaml_message("augmentation_kwargs: {lr_decay_epochs: [[1]]}"),
            "augmentation_kwargs.lr_decay_epochs must be a list of single values. (my.yml:1)");
  EXPECT_EQ(yaml_message("optimizer_kwargs: 0.1"),
            "optimizer_kwargs must be a group of settings (lr, weight_decay). Received a single "
            "value. (my.yml:1)");
}

TEST_F(SchemaTest, ChoicesAreListed) {
  EXPECT_EQ(yaml_message("optimizer: adamax"),
            "optimizer must be one of sgd, adam. Received \"adamax\". (my.yml:1)");
}

TEST_F(SchemaTest, UnknownKeysNameTheNearest) {
  EXPECT_EQ(yaml_message("setup: scan\nepohcs: 3"),
            "unknown setting \"epohcs\". Did you mean epochs? (my.yml:2)");
  EXPECT_EQ(yaml_message("lr: 3"),
            "unknown setting \"lr\". Did you mean optimizer_kwargs.lr? (my.yml:1)");
  EXPECT_EQ(yaml_message("optimizer_kwargs:\n  wieght_decay: 0"),
            "unknown setting \"optimizer_kwargs.wieght_decay\". Did you mean "
            "optimizer_kwargs.weight_decay? (my.yml:2)");
  EXPECT_EQ(yaml_message("banana: 3"), "unknown setting \"banana\". (my.yml:1)");
}

TEST_F(SchemaTest, DuplicateKeysAreAnError) {
  EXPECT_EQ(yaml_message("epochs: 1\nsetup: scan\nepochs: 2\n"),
            "epochs must be given once. Received it twice. (my.yml:3)");
  EXPECT_EQ(yaml_message("optimizer_kwargs: {lr: 1}\noptimizer_kwargs: {lr: 2}\n"),
            "optimizer_kwargs must be given once. Received it twice. (my.yml:2)");
  EXPECT_EQ(yaml_message("optimizer_kwargs: {lr: 1}\noptimizer_kwargs.lr: 2\n"),
            "optimizer_kwargs.lr must be given once. Received it twice. (my.yml:2)");
}

TEST_F(SchemaTest, FilesThatAreNoConfig) {
  EXPECT_THAT(yaml_message("epochs: [1\nsetup: scan\n"), HasSubstr("not valid YAML"));
  EXPECT_EQ(yaml_message("- 1\n- 2\n"), "a config must be one map of settings (my.yml)");
  EXPECT_EQ(yaml_message("epochs: 1\n---\nepochs: 2\n"),
            "a config must be one map of settings (my.yml)");
  EXPECT_EQ(yaml_message("[1]: 2\n"), "a key must be a name (my.yml:1)");
  std::filesystem::remove(path);
  EXPECT_EQ(message([&] { schema.load_yaml(path); }),
            "a config must be an existing file. Received my.yml.");
  EXPECT_THAT(message([&] { schema.load_yaml(::testing::TempDir()); }),
              HasSubstr("a config must be an existing file"));
}

TEST_F(SchemaTest, SetAssignmentReachesNestedSettings) {
  schema.set_assignment("optimizer_kwargs.lr=0.5", "--set");
  schema.set_assignment("augmentation_kwargs.normalize.mean=[0.1, 0.2,0.3]", "--set");
  schema.set_assignment("augmentation_kwargs.lr_decay_epochs=7", "--set");
  schema.set_assignment("setup=a=b", "--set");
  schema.set("epochs", "9", "--epochs");
  EXPECT_EQ(settings.lr, 0.5f);
  EXPECT_THAT(settings.mean, ElementsAre(0.1f, 0.2f, 0.3f));
  EXPECT_THAT(settings.steps, ElementsAre(7));
  EXPECT_EQ(settings.setup, "a=b");
  EXPECT_EQ(schema.find("epochs")->origin, "--epochs");
  schema.set_assignment("augmentation_kwargs.lr_decay_epochs=[]", "--set");
  EXPECT_TRUE(settings.steps.empty());

  EXPECT_EQ(set_message("epochs"), "--set must be key=value. Received \"epochs\".");
  EXPECT_EQ(set_message("epochs=0"), "epochs must be 1..100000. Received 0. (--set)");
  EXPECT_EQ(set_message("epoch=1"), "unknown setting \"epoch\". Did you mean epochs? (--set)");
  EXPECT_EQ(set_message("optimizer=a\nb"),
            "optimizer must be one of sgd, adam. Received \"a b\". (--set)");
}

TEST_F(SchemaTest, TextIsReadBackAsTheSameValue) {
  settings.lr = 1.0f / 3;
  settings.decay = 1e-300;
  settings.mean = {0.1f, 1.0f / 7};
  Settings copy;
  Schema other;
  declare(other, copy);
  for (const Setting& setting : schema.settings()) {
    other.set(setting.name, schema.text(setting), "copy");
  }
  EXPECT_EQ(schema.values(), other.values());
  EXPECT_EQ(copy.lr, settings.lr);
  EXPECT_EQ(copy.mean, settings.mean);
}

TEST_F(SchemaTest, ValuesAreNestedAndReadAsWritten) {
  const nlohmann::json values = schema.values();
  EXPECT_EQ(values["optimizer_kwargs"]["lr"].dump(), "0.1");
  EXPECT_EQ(values["augmentation_kwargs"]["normalize"]["mean"].dump(), "[0.5,0.25]");
  EXPECT_EQ(values["optimizer"], "sgd");
  EXPECT_EQ(values["threads"], 1);
  EXPECT_FALSE(schema.values(true).contains("threads"));
}

TEST_F(SchemaTest, HashDependsOnResultsAndNotOnOrder) {
  const std::string before = schema.hash();
  settings.threads = 8;
  EXPECT_EQ(schema.hash(), before);
  settings.lr = 0.2f;
  EXPECT_NE(schema.hash(), before);

  int a = 1, b = 2;
  Schema forward, backward;
  forward.add("a", &a, "");
  forward.add("b", &b, "");
  backward.add("b", &b, "");
  backward.add("a", &a, "");
  EXPECT_EQ(forward.hash(), backward.hash());
  // Fixed for ever: artifacts on people's disks carry such hashes.
  EXPECT_EQ(forward.values(true).dump(), R"({"a":1,"b":2})");
  EXPECT_EQ(forward.hash(), "43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777");
}

TEST_F(SchemaTest, HelpTextAlignsNameDefaultAndRange) {
  const std::string help = schema.help_text();
  EXPECT_THAT(help, HasSubstr("  epochs                               50             "
                              "passes over the data (1..100000)\n"));
  EXPECT_THAT(help, HasSubstr("how to step (one of sgd, adam)"));
  EXPECT_THAT(help, HasSubstr("root_dir                             none "));
  EXPECT_THAT(schema.help_text(Schema::Names::flags),
              HasSubstr("  --optimizer-kwargs.weight-decay        0.0001 "));
  size_t begin = 0;
  for (size_t end; (end = help.find('\n', begin)) != std::string::npos; begin = end + 1) {
    EXPECT_LE(end - begin, 100u);
  }
}

TEST(NearestName, SuggestsOnlyWhatIsNear) {
  const std::vector<std::string> known{"cluster", "mine", "scan", "model.num-heads"};
  EXPECT_EQ(nearest_name("clutser", known), "cluster");
  EXPECT_EQ(nearest_name("Cluster", known), "cluster");
  EXPECT_EQ(nearest_name("scna", known), "scan");
  EXPECT_EQ(nearest_name("num_heads", known), "model.num-heads");
  EXPECT_EQ(nearest_name("xyz", known), std::nullopt);
  EXPECT_EQ(nearest_name("", known), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(100000, 'x'), known), std::nullopt);
}

TEST(Schema, ABrokenRuleNamesTheOrigin) {
  int low = 1, high = 2;
  Schema schema;
  {
    const auto group = schema.group("crop");
    schema.add("low", &low, "least");
    schema.add("high", &high, "greatest");
    schema.rule("high", [&] {
      if (low > high) fail_usage("high must be at least low. Received {}.", high);
    });
  }
  schema.check();
  schema.set("crop.high", "0", "--set");
  try {
    schema.check();
    FAIL() << "the rule was not run";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "high must be at least low. Received 0. (--set)");
  }
}

TEST(Schema, KeysOfOtherStagesAreToleratedAndNamed) {
  int epochs = 0;
  Schema schema;
  schema.add("epochs", &epochs, "passes");
  schema.tolerate({"num_heads", "optimizer_kwargs"});
  const std::string path = ::testing::TempDir() + "tolerated.yml";
  write_file(path, "epochs: 3\nnum_heads: 10\noptimizer_kwargs: {lr: 1}\n");
  schema.load_yaml(path);
  EXPECT_EQ(epochs, 3);
  EXPECT_THAT(schema.tolerated(), ::testing::ElementsAre("num_heads", "optimizer_kwargs"));
  write_file(path, "num_haeds: 10\n");
  EXPECT_THROW(schema.load_yaml(path), Error);
}

}  // namespace
}  // namespace nolabel
