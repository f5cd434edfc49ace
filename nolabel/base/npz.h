// The arrays in a NumPy archive (.npz), a zip file of .npy files. Read by libarchive, which knows
// stored and deflated entries, zip64 and checksums. Private to this folder.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nolabel/base/byte_source.h"
#include "nolabel/base/npy_header.h"

struct archive;

namespace nolabel {

struct NpzArray {
  std::string entry;  // "features.npy"
  NpyHeader header;
};

// The arrays, in the order of the archive. Throws Error(Fault::data) when it is damaged, or holds
// no array.
std::vector<NpzArray> npz_arrays(const std::filesystem::path& path);

// The array that is meant: the only one; of several the only matrix for which `fits` is true.
// Throws Error(Fault::data) that lists the arrays otherwise. `wanted`: of what type, for the
// message.
NpzArray choose_array(const std::vector<NpzArray>& arrays,
                      const std::function<bool(const NpyHeader&)>& fits, const std::string& wanted,
                      const std::string& name);

// The bytes of one entry, its .npy header first.
class NpzSource : public ByteSource {
 public:
  NpzSource(const std::filesystem::path& path, const std::string& entry);
  size_t read(char* bytes, size_t count) override;
  uint64_t most_left() const override;

 private:
  std::filesystem::path path_;
  std::shared_ptr<archive> reader_;
};

}  // namespace nolabel
