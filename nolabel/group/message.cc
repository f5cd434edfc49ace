#include "nolabel/group/message.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <span>

namespace nolabel {
namespace {

using Json = nlohmann::json;

// A text that is shorter travels in one go with its length.
constexpr int64_t frame_bytes = 1024, first_bytes = frame_bytes - sizeof(int64_t);

void broadcast_text(Group& group, std::string& text) {
  const at::Tensor frame = at::zeros({frame_bytes}, at::kByte);
  auto* bytes = frame.mutable_data_ptr<uint8_t>();
  if (group.leads()) {
    const auto size = static_cast<int64_t>(text.size());
    std::memcpy(bytes, &size, sizeof size);
    std::memcpy(bytes + sizeof size, text.data(), std::min<size_t>(text.size(), first_bytes));
  }
  group.broadcast(frame);
  int64_t size = 0;
  std::memcpy(&size, bytes, sizeof size);
  NOLABEL_ASSERT(size >= 0);
  text.resize(size);
  std::memcpy(text.data(), bytes + sizeof size, std::min<size_t>(text.size(), first_bytes));
  if (size <= first_bytes) return;
  const at::Tensor rest = tensor_of_text(std::string_view(text).substr(first_bytes));
  group.broadcast(rest);
  std::memcpy(text.data() + first_bytes, rest.const_data_ptr<uint8_t>(), rest.numel());
}

// Of what each process says, [P].
at::Tensor sizes_of_all(Group& group, const std::string& own) {
  return group.all_gather(at::full({1}, static_cast<int64_t>(own.size()), at::kLong), group.size());
}

}  // namespace

void broadcast(Group& group, Message& message) {
  if (group.size() == 1) return;
  std::string text;
  if (group.leads()) {
    Json tensors = Json::array();
    for (at::Tensor& tensor : message.tensors) {
      tensor = tensor.detach().cpu().contiguous();
      tensors.push_back(
          {{"type", static_cast<int>(tensor.scalar_type())}, {"shape", tensor.sizes().vec()}});
    }
    text =
        Json{{"subject", message.subject}, {"values", message.values}, {"tensors", tensors}}.dump();
    group.log().sends(message);
  } else {
    group.log().waits_for_message();
  }
  broadcast_text(group, text);
  if (!group.leads()) {
    const Json read = Json::parse(text);
    message = {.subject = read["subject"], .values = read["values"]};
    for (const Json& tensor : read["tensors"]) {
      const auto type = static_cast<at::ScalarType>(tensor["type"].get<int>());
      message.tensors.push_back(at::empty(tensor["shape"].get<std::vector<int64_t>>(), type));
    }
  }
  for (const at::Tensor& tensor : message.tensors) {
    if (tensor.numel() > 0) group.broadcast(tensor);
  }
  if (!group.leads()) group.log().serves(message);
}

at::Tensor tensor_of_text(std::string_view text) {
  const at::Tensor tensor = at::empty({static_cast<int64_t>(text.size())}, at::kByte);
  if (!text.empty()) std::memcpy(tensor.mutable_data_ptr<uint8_t>(), text.data(), text.size());
  return tensor;
}

std::string text_of(const at::Tensor& tensor) {
  const at::Tensor bytes = tensor.contiguous();
  NOLABEL_ASSERT(bytes.scalar_type() == at::kByte);
  return {reinterpret_cast<const char*>(bytes.const_data_ptr<uint8_t>()),
          static_cast<size_t>(bytes.numel())};
}

std::vector<std::string> told_by_all(Group& group, const std::string& own) {
  const at::Tensor sizes = sizes_of_all(group, own);
  const int64_t most = sizes.max().item<int64_t>();
  const at::Tensor padded = at::zeros({1, most}, at::kByte);
  padded[0].narrow(0, 0, static_cast<int64_t>(own.size())).copy_(tensor_of_text(own));
  const at::Tensor all = group.all_gather(padded, group.size());
  std::vector<std::string> texts;
  for (int rank = 0; rank < group.size(); ++rank) {
    texts.push_back(text_of(all[rank].narrow(0, 0, sizes[rank].item<int64_t>())));
  }
  return texts;
}

void tell_leader(Group& group, const std::string& own) {
  sizes_of_all(group, own);
  if (!own.empty()) group.send_to_leader(tensor_of_text(own));
}

void hear_all(Group& group, const std::function<void(int rank, Bytes told)>& take) {
  const at::Tensor sizes = sizes_of_all(group, "");
  for (int rank = 1; rank < group.size(); ++rank) {
    const at::Tensor told = at::empty({sizes[rank].item<int64_t>()}, at::kByte);
    if (told.numel() > 0) group.receive_from(rank, told);
    take(rank, std::as_bytes(std::span(told.const_data_ptr<uint8_t>(), told.numel())));
  }
}

}  // namespace nolabel
