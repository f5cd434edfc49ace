// bench_communities TABLE.npy: the communities of a neighbor table [N,16] by the Leiden algorithm
// with its default options, from the finished graph; the modularity too.
#include "nolabel/cluster/communities.h"

#include "measure.h"
#include "nolabel/base/npy.h"

int main(int argc, char** argv) {
  using namespace nolabel;
  const NeighborGraph graph = neighbor_graph(read_npy_int64(argv[1]), 15);
  std::vector<int64_t> community;
  const double seconds =
      bench::seconds_per_call([&] { community = leiden(graph, {}, Observer{}); }, 1);
  bench::report("modularity", modularity(graph, community), "");
  bench::report("communities", seconds, "s");
}
