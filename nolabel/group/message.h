// What the leader of a group tells the other processes: a subject, values and tensors.
//
// The leader alone runs the command. It decides everything, reads and writes the files of a run,
// and asks the others, the workers, for their share of the heavy parts. A worker does what each
// message says, in the order in which messages come. So no decision is taken twice, and nothing
// that only one process knows (a file, a clock, a signal) can make the processes go different ways.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "nolabel/base/bytes.h"
#include "nolabel/base/error.h"
#include "nolabel/group/group.h"

namespace nolabel {

struct Message {
  std::string subject;  // "embed"
  nlohmann::json values = nlohmann::json::object();
  std::vector<at::Tensor> tensors{};  // on the CPU, dense
};

// In the leader: sends `message`. In the others: waits for the next one and returns it in
// `message`. Does nothing in a group of one.
void broadcast(Group& group, Message& message);

// Text of any bytes, and plain values, as tensors. All processes of a group run the same program,
// so that values have the same layout.
at::Tensor tensor_of_text(std::string_view text);
std::string text_of(const at::Tensor& tensor);

// What each process says, by rank. All processes must call it.
std::vector<std::string> told_by_all(Group& group, const std::string& own);
// The same to the leader alone, which calls hear_all() and says nothing; the bytes of each other
// process in turn, which last as long as `take` does.
void tell_leader(Group& group, const std::string& own);
void hear_all(Group& group, const std::function<void(int rank, Bytes told)>& take);

template <class T>
at::Tensor tensor_of_value(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return tensor_of_text({reinterpret_cast<const char*>(&value), sizeof value});
}

template <class T>
T value_of(const at::Tensor& tensor) {
  static_assert(std::is_trivially_copyable_v<T>);
  const std::string bytes = text_of(tensor);
  NOLABEL_ASSERT(bytes.size() == sizeof(T));
  T value;
  std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof value);
  return value;
}

// The tensors of a message one after another, in the order in which they were put in.
class MessageReader {
 public:
  explicit MessageReader(const Message& message) : message_(message) {}
  const nlohmann::json& values() const { return message_.values; }
  const at::Tensor& next() {
    NOLABEL_ASSERT(next_ < message_.tensors.size());
    return message_.tensors[next_++];
  }
  template <class T>
  T next_value() {
    return value_of<T>(next());
  }

 private:
  const Message& message_;
  size_t next_ = 0;
};

}  // namespace nolabel
