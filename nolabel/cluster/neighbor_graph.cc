#include "nolabel/cluster/neighbor_graph.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "nolabel/base/error.h"
#include "nolabel/neighbors/neighbor_table.h"

namespace nolabel {
namespace {

// A directed graph in CSR form.
struct DirectedRows {
  std::vector<int64_t> offsets;  // [N+1]
  std::vector<int32_t> targets;

  const int32_t* begin(int64_t row) const { return targets.data() + offsets[row]; }
  const int32_t* end(int64_t row) const { return targets.data() + offsets[row + 1]; }
};

// From each image to the neighbors it names, in ascending order.
DirectedRows named_neighbors(const Matrix<int64_t>& table, int neighbors) {
  DirectedRows named;
  named.offsets.push_back(0);
  named.targets.reserve(table.rows * neighbors);
  std::vector<int64_t> named_by(table.rows, -1);  // the last row that named an image
  for (int64_t i = 0; i < table.rows; ++i) {
    int count = 0;
    for (int64_t j = 0; j < table.columns && count < neighbors; ++j) {
      const int64_t neighbor = table.at(i, j);
      if (neighbor == no_neighbor || neighbor == i || named_by[neighbor] == i) continue;
      named_by[neighbor] = i;
      named.targets.push_back(static_cast<int32_t>(neighbor));
      ++count;
    }
    std::sort(named.targets.end() - count, named.targets.end());
    named.offsets.push_back(static_cast<int64_t>(named.targets.size()));
  }
  return named;
}

// Every edge the other way. The rows ascend because the sources are visited in order.
DirectedRows reversed(const DirectedRows& rows) {
  const auto count = static_cast<int64_t>(rows.offsets.size()) - 1;
  DirectedRows result{std::vector<int64_t>(count + 1, 0),
                      std::vector<int32_t>(rows.targets.size())};
  for (const int32_t target : rows.targets) ++result.offsets[target + 1];
  std::partial_sum(result.offsets.begin(), result.offsets.end(), result.offsets.begin());
  std::vector<int64_t> next = result.offsets;
  for (int64_t i = 0; i < count; ++i) {
    for (const int32_t* target = rows.begin(i); target < rows.end(i); ++target) {
      result.targets[next[*target]++] = static_cast<int32_t>(i);
    }
  }
  return result;
}

}  // namespace

NeighborGraph neighbor_graph(const Matrix<int64_t>& table, int neighbors) {
  check_neighbor_table(table, table.rows, neighbors);
  NOLABEL_ASSERT(table.rows <= std::numeric_limits<int32_t>::max());
  const DirectedRows named = named_neighbors(table, neighbors), naming = reversed(named);
  NeighborGraph graph;
  graph.targets.reserve(2 * named.targets.size());
  graph.weights.reserve(2 * named.targets.size());
  for (int64_t i = 0; i < table.rows; ++i) {
    const int32_t *out = named.begin(i), *in = naming.begin(i);
    while (out < named.end(i) || in < naming.end(i)) {
      const bool names = in == naming.end(i) || (out < named.end(i) && *out <= *in);
      const bool is_named = out == named.end(i) || (in < naming.end(i) && *in <= *out);
      graph.targets.push_back(names ? *out : *in);
      graph.weights.push_back(names && is_named ? 2 : 1);
      out += names, in += is_named;
    }
    graph.offsets.push_back(static_cast<int64_t>(graph.targets.size()));
    graph.degree.push_back(
        std::accumulate(graph.weights.begin() + graph.offsets[i], graph.weights.end(), 0.0));
  }
  return graph;
}

}  // namespace nolabel
