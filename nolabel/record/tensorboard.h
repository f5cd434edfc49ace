// Scalars as TensorBoard shows them: event files of TFRecords, written without TensorFlow.
//
// Each writer makes one new file in its directory; TensorBoard reads all of them as one run. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace nolabel {

struct Scalar {
  std::string tag;  // "loss", "validation/total"
  double value;
};

class TensorBoardWriter {
 public:
  // Creates `directory` and a file events.out.tfevents.<seconds>.<host>.<process> in it. What other
  // files there hold for `first_step` and later steps counts as undone (a resumed run repeats it).
  TensorBoardWriter(const std::filesystem::path& directory, int64_t first_step);

  // All of one step, in the file when this returns.
  void write(int64_t step, std::span<const Scalar> scalars);
  // Returns when what was written is on the disk.
  void flush() const;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace nolabel
