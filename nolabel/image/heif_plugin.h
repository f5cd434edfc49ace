// HEIC and AVIF are decoded by libheif, in a library of its own (nolabel/heif/plugin.cc), because
// distributions build libheif with x265, whose license (GPL) a program that contains it must take
// over. So neither the program nor the Python wheel contains libheif: whoever has it on the machine
// has these formats. This is all that passes between the two: plain functions on plain memory.
// Private to this folder and the library.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace nolabel {

// What went wrong. The text lives until the thread's next call; null when all went well.
struct HeifProblem {
  const char* reason = nullptr;
  bool no_memory = false;  // the fault of the machine, not of the file
};

struct HeifSizes {
  int height, width;              // as shown: upright
  int coded_height, coded_width;  // before the file's own crops and turns
  bool has_alpha, is_premultiplied;
};

// 8 bits a value, interleaved RGB or, when the picture has alpha, RGBA.
struct HeifPixels {
  const unsigned char* rows;
  ptrdiff_t stride;  // bytes from one row to the next
  int height, width;
};

// Thread-safe; one picture belongs to one thread.
struct HeifFunctions {
  // Reads the headers. `file` stays the caller's and must outlive the picture. With a problem there
  // is no picture.
  HeifProblem (*open)(const std::byte* file, size_t size, void** picture, HeifSizes* sizes);
  // The pixels live as long as the picture.
  HeifProblem (*decode)(void* picture, HeifPixels* pixels);
  void (*close)(void* picture);
};

struct HeifPlugin {
  std::string problem;  // one line that says what is missing; empty when there are functions
  const HeifFunctions* functions = nullptr;
};

// Loads libnolabel_heif.so from the program's folder or ../lib, the first time it is called. Later
// calls have the same answer. Thread-safe.
const HeifPlugin& load_heif();

// The same from the first of these folders (or their ../lib) that holds the library, at each call.
HeifPlugin load_heif_from(const std::vector<std::filesystem::path>& folders);

}  // namespace nolabel
