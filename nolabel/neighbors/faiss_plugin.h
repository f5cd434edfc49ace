// Approximate search comes from faiss, in a library of its own (nolabel/faiss/plugin.cc), because
// the linear algebra that faiss brings must not take the place of LibTorch's. This is all that
// passes between the two: plain functions on plain memory. Private to this folder and the library.
#pragma once

#include <cstdint>

namespace nolabel {

// Rows [rows, width] and the factor each is multiplied with; both stay the caller's.
struct ScaledRows {
  const float* values;
  const float* scales;
  int64_t rows, width;
};

// Every function that returns text returns null when all went well, else what went wrong; the text
// lives until the thread's next call. None of them copies the rows.
struct FaissFunctions {
  // One round of spherical k-means on sample [count, width] (unit length). `first`: the centroids
  // [lists, width] start as rows of the sample, drawn with the seed; else they are improved.
  const char* (*train_centroids)(const float* sample, int64_t count, int64_t width, int lists,
                                 int seed, bool first, int threads, float* centroids);

  // A graph (HNSW) over rows, which it refers to as long as it lives. `links`: M; `breadth`: how
  // many candidates an insertion keeps (efConstruction).
  const char* (*make_graph)(const ScaledRows* rows, int links, int breadth, void** graph);
  // Inserts the next `count` rows. Several threads insert in no certain order: the graph is the
  // same again only by one.
  const char* (*extend_graph)(void* graph, int64_t count, int threads);
  // The best `wanted` of all rows, for each of the rows that `queries` [count] names; missing ones
  // are index -1. One search of a graph at a time.
  //   indices, similarities  [count, wanted]
  const char* (*search_graph)(void* graph, const int64_t* queries, int64_t count, int wanted,
                              int breadth, int threads, int64_t* indices, float* similarities);
  void (*free_graph)(void* graph);
};

// Whether there is a libnolabel_faiss.so to load.
bool faiss_exists();

// Loads libnolabel_faiss.so from the program's folder or ../lib, the first time it is called.
// Throws Error(Fault::usage) in a build without it, Error(Fault::system) when it does not load.
const FaissFunctions& load_faiss();

// Throws Error(Fault::system) with the text of a function above, unless it is null.
void check_faiss(const char* problem);

}  // namespace nolabel
