// Clusters a folder of images, with progress. Ctrl-C stops it; a second call goes on from there.
//
//   cluster_folder FOLDER CLUSTERS RUN [BACKBONE]
#include <nolabel/nolabel.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

static const nolabel::CancelToken cancel;

int main(int count, char** words) try {
  if (count < 4) return std::puts("usage: cluster_folder FOLDER CLUSTERS RUN [BACKBONE]"), 2;
  std::signal(SIGINT, [](int) { cancel.request(); });

  nolabel::Observer observer;
  observer.cancel = cancel;
  observer.progress = [](const nolabel::Progress& p) {
    std::printf("\r%s %s %ld of %ld   ", p.stage.c_str(), p.step.c_str(), long(p.done),
                long(p.total));
  };
  const nolabel::ClusterResult result = nolabel::cluster({.images = {words[1]},
                                                          .out = words[3],
                                                          .clusters = std::atoi(words[2]),
                                                          .backbone = count > 4 ? words[4] : ""},
                                                         observer);
  std::printf("\n");
  for (const nolabel::ClusteredImage& image : result.images) {
    std::printf("%d %.3f %s\n", image.choice.cluster, image.choice.confidence, image.path.c_str());
  }
  std::printf("report: %s\n", result.report.c_str());
} catch (const nolabel::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return nolabel::exit_code(error.fault());
}
