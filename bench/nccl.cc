// bench_nccl: whether processes exchange the tensors of GPUs rightly, and how fast, on the GPUs of
// this machine. One line for each check, `ok` or `FAIL`; ends with 1 where one has failed. Takes at
// most a few minutes, whatever hangs.
//
//   one process, one GPU        NCCL itself: begins, computes, ends
//   two processes on one GPU    must choose the memory of the host
//   a process for each GPU      must choose NCCL; 44 MB, the gradients of ResNet-18, are timed
//   one process is killed       the others must end with exit code 4 and name it
//
// It starts itself again for each process: bench_nccl RANK SIZE PORT GPU WORK.
#include <ATen/ATen.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <torch/csrc/distributed/c10d/HashStore.hpp>
#include <vector>

#include "measure.h"
#include "nolabel/base/error.h"
#include "nolabel/gpu/driver.h"
#include "nolabel/group/gloo_group.h"
#include "nolabel/group/meeting.h"
#include "nolabel/model/device.h"

namespace {

using namespace nolabel;
using Clock = std::chrono::steady_clock;

constexpr unsigned seconds_of_a_part = 60;
constexpr std::chrono::seconds silence(5);

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// ---- in a process of a group
// ----------------------------------------------------------------------

struct Checks {
  bool says;  // the leader does
  std::string part;
  int failed = 0;

  void check(const std::string& name, bool good, const std::string& detail = "") {
    if (!good) ++failed;
    if (!says && good) return;
    std::printf("%s %s: %s%s%s\n", good ? "ok  " : "FAIL", part.c_str(), name.c_str(),
                detail.empty() ? "" : ", ", detail.c_str());
    std::fflush(stdout);
  }
};

// What process `rank` has, the same wherever it is made.
at::Tensor values(int64_t rows, int64_t columns, int rank) {
  return (at::arange(rows * columns, at::kDouble) * 0.37 + rank).sin().view({rows, columns});
}

double tolerance(at::ScalarType type) {
  return type == at::kDouble ? 1e-12 : type == at::kFloat ? 1e-5 : 0.05;
}

double difference(const at::Tensor& actual, const at::Tensor& expected) {
  return (actual.detach().cpu().to(at::kDouble) - expected).abs().max().item<double>();
}

void check_values(Group& group, at::Device device, at::ScalarType type, Checks& checks) {
  const std::string name = format("{} on {}", c10::toString(type), device.str());
  const double most = tolerance(type) * group.size();
  const auto here = [&](const at::Tensor& x) { return x.to(type).to(device); };

  at::Tensor sum = at::zeros({37, 11}, at::kDouble);
  for (int rank = 0; rank < group.size(); ++rank) sum += values(37, 11, rank);
  at::Tensor own = here(values(37, 11, group.rank())), turned = here(own.t().contiguous()).t();
  group.all_reduce({own, turned});
  group.finish_collectives();
  double apart = std::max(difference(own, sum), difference(turned, sum));
  checks.check("all_reduce " + name, apart <= most, format("{:.1e} apart", apart));

  // Two sums that are begun, and another call before they are finished.
  at::Tensor first = here(values(37, 11, group.rank())), second = first.clone();
  const auto first_sum = group.begin_sum(first), second_sum = group.begin_sum(second);
  at::Tensor between = here(values(5, 3, 1));
  group.all_reduce({between});
  first_sum->finish();
  second_sum->finish();
  group.finish_collectives();
  apart = std::max({difference(first, sum), difference(second, sum),
                    difference(between, group.size() * values(5, 3, 1))});
  checks.check("begin_sum " + name, apart <= most, format("{:.1e} apart", apart));

  at::Tensor told = here(values(5, 3, group.rank()));
  group.broadcast(told);
  group.finish_collectives();
  apart = difference(told, values(5, 3, 0).to(type).to(at::kDouble));
  checks.check("broadcast " + name, apart == 0, format("{:.1e} apart", apart));

  const int64_t count = 3 * group.size() + 1;  // shares differ
  const Share share = group.share(count);
  const at::Tensor all = values(count, 4, 0);
  at::Tensor rows = here(all.narrow(0, share.begin, share.size)).requires_grad_();
  const at::Tensor gathered = group.all_gather(rows * 2, count);
  const at::Tensor weights = values(count, 4, 1);
  (gathered * here(weights)).sum().backward();
  group.finish_collectives();
  apart = difference(gathered, 2 * all);
  checks.check("all_gather " + name, apart <= most, format("{:.1e} apart", apart));
  apart = difference(rows.grad(), 2 * weights.narrow(0, share.begin, share.size));
  checks.check("gradient of all_gather " + name, apart <= most, format("{:.1e} apart", apart));
}

void time_all_reduce(Group& group, at::Device device, Checks& checks) {
  const std::vector<at::Tensor> gradients = {
      at::ones({11'000'000}, at::TensorOptions(device).dtype(at::kFloat))};
  constexpr int rounds = 10;
  double seconds = 0;
  for (int round = 0; round < rounds + 2; ++round) {  // two warm up
    group.barrier();
    const auto start = Clock::now();
    group.all_reduce(gradients);
    group.finish_collectives();
    gradients[0][0].item<float>();
    if (round >= 2) seconds += seconds_since(start) / rounds;
  }
  checks.check("44 MB all_reduce", true, format("{:.2f} ms", 1000 * seconds));
}

void check_all(Group& group, at::Device device, bool by_nccl, bool timed, Checks& checks) {
  const std::string way = group.use_device(device);
  checks.check("way of the tensors", way.ends_with("NCCL") == by_nccl, way);
  for (const auto type : {at::kFloat, at::kBFloat16, at::kDouble}) {
    check_values(group, device, type, checks);
  }
  check_values(group, at::kCPU, at::kDouble, checks);  // whatever the GPUs do
  if (timed) time_all_reduce(group, device, checks);
}

// `asks`: the host asks the GPU for a value, and hangs there, instead of asking the group.
void work_until_one_dies(Group& group, at::Device device, bool asks, Checks& checks) {
  group.use_device(device);
  const auto start = Clock::now();
  while (seconds_since(start) < seconds_of_a_part / 2.0) {
    at::Tensor x = at::ones({1000}, at::TensorOptions(device));
    if (group.rank() == 1 && seconds_since(start) > 1) std::raise(SIGKILL);
    group.all_reduce({x});
    if (asks) {
      x[0].item<float>();
    } else {
      group.finish_collectives();
    }
  }
  checks.check("the death of another process is noticed", false);
}

int run_process(int rank, int size, int port, int gpu, const std::string& work) {
  ::alarm(seconds_of_a_part);
  Checks checks{.says = rank == 0, .part = format("{}, {} of {}", work, rank, size)};
  const at::Device device = choose_device(format("cuda:{}", gpu));
  const std::chrono::seconds meeting(30);
  std::shared_ptr<Group> group;
  if (size == 1) {
    group = connect_in(c10::make_intrusive<c10d::HashStore>(),
                       {.rank = 0, .size = 1, .interface_address = "127.0.0.1"});
  } else {
    const Placement place{.starter = "bench_nccl",
                          .rank = rank,
                          .size = size,
                          .local_rank = rank,
                          .local_size = size,
                          .address = "127.0.0.1",
                          .port = port};
    group = connect(place, {.meeting = meeting, .silence = silence}, CancelToken());
  }
  Clock::time_point end;
  try {
    if (work == "alone" || work == "own-gpus") check_all(*group, device, true, true, checks);
    if (work == "shared-gpu") check_all(*group, device, false, false, checks);
    if (work.starts_with("killed")) {
      work_until_one_dies(*group, device, work.ends_with("asks"), checks);
    }
    end = Clock::now();
    group->leave();
  } catch (const std::exception& exception) {
    const Error error = group->fail(as_error(exception));
    const bool expected = work.starts_with("killed") && error.fault() == Fault::system &&
                          std::string(error.what()).find("process 1 of") != std::string::npos;
    checks.check("ends with the name of who is missing", expected, error.what());
    group->leave();
    group.reset();
    return expected ? exit_code(error.fault()) : 1;
  }
  const auto start = Clock::now();
  group.reset();
  checks.check("the group ends", seconds_since(start) < 5,
               format("{:.2f} s", seconds_since(start)));
  return checks.failed > 0 ? 1 : 0;
}

// ---- in the process that starts them
// ----------------------------------------------------------------

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

pid_t start(int rank, int size, int port, int gpu, const std::string& work) {
  std::vector<std::string> words = {"bench_nccl",         std::to_string(rank),
                                    std::to_string(size), std::to_string(port),
                                    std::to_string(gpu),  work};
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t process = ::fork();
  if (process != 0) return process;
  ::execv("/proc/self/exe", pointers.data());
  ::_exit(127);
}

// Whether every process has ended as it must: with 0; where rank 1 is killed, the others with 4.
bool run_part(int size, const std::function<int(int rank)>& gpu_of, const std::string& work) {
  const bool kills = work.starts_with("killed");
  const int port = free_port();
  std::vector<pid_t> processes;
  for (int rank = 0; rank < size; ++rank) {
    processes.push_back(start(rank, size, port, gpu_of(rank), work));
  }
  const auto began = Clock::now();
  Clock::time_point killed = began;
  bool good = true;
  for (int left = size; left > 0;) {
    if (seconds_since(began) > seconds_of_a_part + 5) {
      for (const pid_t process : processes) {
        if (process > 0) ::kill(process, SIGKILL);
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    for (int rank = 0; rank < size; ++rank) {
      int status = 0;
      if (processes[rank] <= 0 || ::waitpid(processes[rank], &status, WNOHANG) == 0) continue;
      processes[rank] = 0;
      --left;
      if (kills && rank == 1) {
        killed = Clock::now();
        good &= WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        continue;
      }
      const int wanted = kills ? exit_code(Fault::system) : 0;
      const bool right = WIFEXITED(status) && WEXITSTATUS(status) == wanted;
      good &= right;
      const std::string end = WIFEXITED(status) ? format("exit code {}", WEXITSTATUS(status))
                                                : format("signal {}", WTERMSIG(status));
      const double after = seconds_since(kills ? killed : began);
      std::printf("%s %s: process %d of %d ends, %s after %.1f s\n", right ? "ok  " : "FAIL",
                  work.c_str(), rank, size, end.c_str(), after);
      std::fflush(stdout);
    }
  }
  return good;
}

int run_all() {
  const auto gpus = static_cast<int>(query_cuda_driver().gpus.size());
  if (gpus == 0) {
    std::printf("FAIL bench_nccl needs a GPU: %s\n", query_cuda_driver().problem.c_str());
    return 1;
  }
  std::printf("%d x %s\n", gpus, query_cuda_driver().gpus[0].name.c_str());
  const auto first = [](int) { return 0; };
  const auto own = [](int rank) { return rank; };
  bool good = run_part(1, first, "alone");
  good &= run_part(2, first, "shared-gpu");
  if (gpus > 1) good &= run_part(gpus, own, "own-gpus");
  for (const char* work : {"killed", "killed-asks"}) {
    good &= gpus > 1 ? run_part(gpus, own, work) : run_part(2, first, work);
  }
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return run_all();
  try {
    return run_process(std::atoi(argv[1]), std::atoi(argv[2]), std::atoi(argv[3]),
                       std::atoi(argv[4]), argv[5]);
  } catch (const std::exception& exception) {
    std::printf("FAIL %s, %s of %s: %s\n", argv[5], argv[1], argv[2], exception.what());
    return 1;
  }
}
