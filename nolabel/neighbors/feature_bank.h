// The feature bank: what the model makes of every image of a data set, in data set order.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nolabel/augment/view.h"
#include "nolabel/base/keyed_rows.h"
#include "nolabel/base/row_file.h"
#include "nolabel/data/dataset.h"
#include "nolabel/model/model.h"
#include "nolabel/neighbors/bank_rows.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// What extracting has computed, and how long that took.
struct EmbeddingWork {
  int64_t rows = 0;
  double seconds = 0;
  double seconds_waited = 0;  // of these, how long the network waited for views
};

struct BankOptions {
  BankOutput output = BankOutput::features;
  ViewRecipe recipe;  // evaluation_recipe(...) for one plain view per image
  // Of random recipes: with this key's seed, stage, epoch and role, and for a position that follows
  // from the image's pixels, so that a view depends on nothing else in the data set.
  ViewKey key;
  int batch_size = 0;  // images; 0: as bank_batch_size() has it
  int threads = 1;
  // Whose processes divide the rows to compute among themselves; this one leads.
  std::shared_ptr<Group> group = single_process();
  std::string purpose = "embedding the images";  // what the progress calls it
  // Rows of earlier calls, made with the same model and options, of any images; new ones are added.
  KeyedRows* known = nullptr;
  // A row of earlier work with the same model and options, nullptr: it is not there. Asked for rows
  // that `known` does not hold; unset: there is no earlier work.
  std::function<const float*(const RowKey&)> earlier{};
  std::vector<RowKey>* keys = nullptr;  // is given the keys of the rows, view by view
  EmbeddingWork* work = nullptr;        // is added to
};

// How many images of this recipe pass through the network at a time. On a CPU, large activations
// cost more than they save: each layer's would have to come from the memory instead of the caches.
int bank_batch_size(const ViewRecipe& recipe, at::Device device);

// fp32 on the CPU, contiguous. The model works in evaluation mode, without gradients, on its own
// device, and is not changed. Progress in images.
//
// With `begun`, rows that it holds are not computed again, and new ones are added to it every few
// seconds and when the work is stopped; its key must say what determines the rows (model, images,
// options, and which rows are earlier ones). The result has the same bits as that of an
// uninterrupted call. With options.known instead, which is filled every second, and with
// options.earlier, last bits may depend on which images were embedded together. Throws
// Error(Fault::stopped) on request.
at::Tensor extract(Model& model, const Dataset& dataset, const BankOptions& options,
                   const Observer& observer, RowFile* begun = nullptr);

// Several random views per image, for training heads on cached features: [V,N,D] or [V,N,E]. View v
// is drawn for epoch options.key.epoch + v.
at::Tensor extract_views(Model& model, const Dataset& dataset, const BankOptions& options,
                         int views, const Observer& observer, RowFile* begun = nullptr);

// How many rows extract_views() would compute with these options: those that options.known does not
// have, one for all images with the same pixels. Reads the pixels of every image.
int64_t rows_to_compute(const Dataset& dataset, const BankOptions& options, int views);

}  // namespace nolabel
