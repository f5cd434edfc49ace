// Assigns pictures in memory to the clusters of a finished run, from several threads at once.
//
//   predict_pixels RUN
#include <nolabel/nolabel.h>

#include <cstdio>
#include <thread>
#include <vector>

int main(int count, char** words) try {
  if (count < 2) return std::puts("usage: predict_pixels RUN"), 2;
  const nolabel::Predictor predictor(words[1], {.threads = 1});

  constexpr int height = 48, width = 64, pictures = 8;
  std::vector<nolabel::ClusterChoice> choices(pictures);
  std::vector<std::thread> threads;
  for (int i = 0; i < pictures; ++i) {
    threads.emplace_back([&, i] {
      // From a camera, a decoder, another library …: here, a level of gray.
      const std::vector<uint8_t> rgb(height * width * 3, static_cast<uint8_t>(30 * i));
      choices[i] = predictor.predict({rgb.data(), height, width});
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const nolabel::ClusterChoice& choice : choices) {
    std::printf("cluster %d of %d (%.3f), then %d (%.3f)\n", choice.cluster, predictor.clusters(),
                choice.confidence, choice.runner_up, choice.runner_up_confidence);
  }
} catch (const nolabel::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return nolabel::exit_code(error.fault());
}
