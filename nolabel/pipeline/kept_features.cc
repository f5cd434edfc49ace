#include "nolabel/pipeline/kept_features.h"

#include <ATen/ATen.h>

#include <chrono>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/base/hash.h"
#include "nolabel/base/npy_rows.h"
#include "nolabel/model/state_parts.h"
#include "nolabel/pipeline/matrix_tensor.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

bool has_room(const fs::path& directory, uint64_t bytes) {
  return free_disk_bytes(directory) / 10 > bytes;
}

}  // namespace

BankOptions RowsAtHand::added_to(BankOptions options) {
  options.keys = &keys;
  options.work = &work;
  if (earlier) options.earlier = [this](const RowKey& key) { return earlier->row(key); };
  return options;
}

at::Tensor kept_features(const fs::path& file, const FeatureSource& source,
                         const Environment& environment, const MakeFeatures& make) {
  const Provenance& provenance = source.provenance;
  if (is_current(file, provenance)) return to_tensor(read_npy_float(file));
  RowsAtHand at_hand;
  if (environment.updating) {
    at_hand.earlier = EarlierFeatures::find(file, source.made_with, source.width);
  }
  if (!has_room(file.parent_path(), source.bytes)) {
    environment.observer.note(
        format("nolabel does not keep the features in {}, because the disk has too little room",
               file.string()));
    return make(at_hand);
  }
  const auto start = std::chrono::steady_clock::now();
  RowFile begun(fs::path(file) += ".begun",
                provenance.hash() + (at_hand.earlier ? at_hand.earlier->hash() : ""));
  at_hand.begun = &begun;
  at::Tensor features = make(at_hand);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  make_directory(file.parent_path());
  const at::Tensor rows = features.to(at::kFloat).cpu().contiguous();
  const fs::path made = fs::path(file) += ".new";
  write_npy_rows(made, rows.const_data_ptr<float>(), rows.size(0), rows.size(1));
  fs::remove(sidecar_of(file));  // a kill from here on leaves no other features under its name
  fs::rename(made, file);
  write_sidecar(file, provenance, environment, seconds.count(),
                {{"rows_embedded", at_hand.work.rows},
                 {"seconds_embedding", at_hand.work.seconds},
                 {"seconds_waited", at_hand.work.seconds_waited}});
  write_feature_keys(file, source.made_with, at_hand.keys);
  begun.remove();
  return features;
}

at::Tensor resumed_features(const fs::path& file, const Provenance& provenance, uint64_t bytes,
                            const std::function<at::Tensor(RowFile* begun)>& make) {
  if (!has_room(file.parent_path(), bytes)) return make(nullptr);
  RowFile begun(file, provenance.hash());
  at::Tensor features = make(&begun);
  begun.remove();
  return features;
}

std::string backbone_weights_hash(const Model& model) {
  Sha256 hash;
  for (const NamedTensor& entry : part_of(model.state_dict(), is_of_backbone)) {
    hash.update(entry.name);
    const at::Tensor values = entry.tensor.cpu().contiguous();
    hash.update(values.const_data_ptr(), values.nbytes());
  }
  return hash.hex();
}

}  // namespace nolabel
