#include "nolabel/pipeline/described_task.h"

#include "nolabel/cluster/scan_task.h"
#include "nolabel/pretext/simclr_task.h"
#include "nolabel/selflabel/selflabel_task.h"
#include "nolabel/train/described_inputs.h"

namespace nolabel {
namespace {

std::unique_ptr<Task> described_simclr(MessageReader& reader, const SharedImages& images) {
  const auto settings = reader.next_value<SimclrSettings>();
  return std::make_unique<SimclrTask>(settings, described_inputs(reader, 0, images),
                                      SimclrTask::Monitor());
}

Matrix<int64_t> table_of(const at::Tensor& rows) {
  Matrix<int64_t> table(rows.size(0), rows.size(1));
  std::copy_n(rows.const_data_ptr<int64_t>(), rows.numel(), table.values.begin());
  return table;
}

std::unique_ptr<Task> described_scan(MessageReader& reader, const SharedImages& images) {
  const auto settings = reader.next_value<ScanSettings>();
  Matrix<int64_t> neighbors = table_of(reader.next());
  const at::Tensor prior = reader.values().at("has_prior") ? reader.next() : at::Tensor();
  std::optional<FeatureShift> shift = described_shift(reader);
  return std::make_unique<ScanTask>(
      settings, described_inputs(reader, 0, images), std::move(neighbors), ScanTask::Validation{},
      std::filesystem::path(), reader.values().at("seed"), std::move(shift), prior);
}

std::unique_ptr<Task> described_selflabel(MessageReader& reader, const SharedImages& images) {
  const auto settings = reader.next_value<SelflabelSettings>();
  std::optional<FeatureShift> shift = described_shift(reader);
  std::unique_ptr<InputSource> weak = described_inputs(reader, 0, images);
  std::unique_ptr<InputSource> strong = described_inputs(reader, 1, images);
  return std::make_unique<SelflabelTask>(settings, std::move(weak), std::move(strong),
                                         std::filesystem::path(), std::move(shift));
}

}  // namespace

std::unique_ptr<Task> described_task(MessageReader& reader, const SharedImages& images) {
  const std::string name = reader.values().at("task");
  if (name == "simclr") return described_simclr(reader, images);
  if (name == "scan") return described_scan(reader, images);
  NOLABEL_ASSERT(name == "selflabel");
  return described_selflabel(reader, images);
}

}  // namespace nolabel
