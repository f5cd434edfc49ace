// Brings a run up to date with its folders, and says what came, moved or went.
//
//   update_run RUN [FOLDER]
#include <nolabel/nolabel.h>

#include <cstdio>

int main(int count, char** words) try {
  if (count < 2) return std::puts("usage: update_run RUN [FOLDER]"), 2;
  nolabel::UpdateOptions options{.run = words[1]};
  if (count > 2) options.images = {words[2]};
  const nolabel::UpdateResult result = nolabel::update(options);
  for (const nolabel::ChangedImage& image : result.changes) {
    std::printf("%s %s %s\n", image.change.c_str(), image.path.c_str(), image.was.c_str());
  }
  for (const auto& [cluster, images] : result.new_by_cluster) {
    std::printf("cluster %d: %ld new\n", cluster, long(images));
  }
  std::printf("report: %s\n", result.clusters.report.c_str());
} catch (const nolabel::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return nolabel::exit_code(error.fault());
}
