// One architecture of a backbone: everything that nolabel knows about it, in one row of a table.
//
// A further architecture is one new file that defines its rows, and its line in architectures.cc.
// Nothing outside of that file knows what its parameters mean. Private to model.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nolabel/group/group.h"
#include "nolabel/model/backbone_description.h"
#include "nolabel/model/model.h"
#include "nolabel/model/parameters.h"
#include "nolabel/model/recognise.h"

namespace nolabel {

// A parameter or buffer of a backbone.
struct BackboneTensor {
  std::string name;  // "backbone.conv1.weight"
  std::vector<int64_t> shape;
  bool is_buffer = false;
  ComputedIn computed_in = ComputedIn::master_type;
  // Its value before training; `number` counts the model's parameters.
  std::function<at::Tensor(uint64_t seed, uint32_t number)> initial;
};

// What a forward pass computes with: leaves and buffers, at least those of the network's tensors()
// and in their order, what the network has prepared of them, and who computes with it.
struct NetworkWeights {
  const std::vector<at::Tensor>& leaves;
  const std::vector<NamedTensor>& buffers;
  const std::vector<at::Tensor>& prepared;
  Group& group;  // whose whole batch gives the statistics of a training pass
};

// A backbone without its weights. Immutable.
class BackboneNetwork {
 public:
  virtual ~BackboneNetwork() = default;
  virtual int dimensions() const = 0;  // D
  // In the order of PyTorch's state_dict().
  virtual const std::vector<BackboneTensor>& tensors() const = 0;
  // Views [B,3,S,S] as features() takes them: channels-last and of the type of the working weights.
  virtual at::Tensor input(const at::Tensor& views, at::ScalarType working_type) const;
  // What makes passes faster that evaluate without gradients: weights that were computed from
  // masters and buffers. Empty: nothing.
  virtual std::vector<at::Tensor> prepared(const std::vector<NamedTensor>& masters,
                                           const std::vector<NamedTensor>& buffers,
                                           at::ScalarType working_type) const;
  // What input() returned to features [B,D] of the masters' type. In ForwardMode::train the buffers
  // are updated. `prepared` may be empty, and is where a pass needs gradients or does not evaluate.
  virtual at::Tensor features(const NetworkWeights& weights, const at::Tensor& views,
                              ForwardMode mode) const = 0;
};

// A parameter of an architecture, as a setting: one of `choices`, a whole number, or a text.
struct ParameterRule {
  std::string name, help;
  std::string otherwise;                  // the default
  std::string offered = {};               // the default of the setting, when it is another
  std::vector<std::string> choices = {};  // in the order in which they are offered
  int low = 0, high = 0;                  // without choices
  bool is_text = false;                   // any text; neither choices nor a number
  bool leaves_a_trace = true;             // in names or shapes of the weights
  // Among identifying_parameters(). Not those that the names of the weights show and that were
  // added when people had features already, which would all be made again.
  bool identifies = true;
};

struct Architecture {
  std::string name;
  std::vector<ParameterRule> parameters = {};
  bool takes_images = true;
  // false: its network has no tensors in files of weights, so only a statement tells it.
  bool has_weights = true;
  bool trains_from_random = true;  // false: only weights that somebody trained make sense
  // By which weights without any prefix are known in files: for every program's way of naming them,
  // some of the tensors in the order of the network's parts, the first part's first.
  std::vector<std::vector<std::string>> namings = {};

  // Of a description that is completed(). Error(Fault::usage) when a parameter cannot be used.
  std::unique_ptr<const BackboneNetwork> (*make)(const BackboneDescription&);
  Preprocessing (*preprocessing)(const BackboneDescription&, int image_size) = nullptr;
  std::string (*describe)(const BackboneDescription&);

  // What names and shapes tell of the parameters, when the state may be of this architecture: its
  // network is made and compared afterwards. image_size 0: not known.
  BackboneDescription (*recognise)(const Architecture&, const StateDict&, int image_size) = nullptr;
  // Parameters that depend on the size of the images, settled; nullptr: none does.
  BackboneDescription (*settle)(BackboneDescription, int image_size) = nullptr;
  // For people: what has to be assumed when `stated` holds all that a file says beside its weights,
  // as a sentence, or nothing; nullptr: weights tell everything. A size of the images that the
  // caller asks for is among the statements.
  std::string (*assumption)(const BackboneDescription&, const Statements& stated) = nullptr;
  // Bare weights under another program's names (those of one of `namings`), as ours.
  // is_contrastive: they are the encoder of contrastive training, whose last layers are its head.
  StateDict (*with_our_names)(const StateDict& bare, bool is_contrastive) = nullptr;
  // Names that depend on what the weights are, mended in place; nullptr: there are none.
  void (*mend_names)(StateDict&) = nullptr;
};

std::span<const Architecture> architectures();
const Architecture& architecture_of(const BackboneDescription& description);

// The network of a description, which is completed first.
std::unique_ptr<const BackboneNetwork> make_network(const BackboneDescription& description);

// A whole number of a completed description.
int number_of(const BackboneDescription& description, const std::string& parameter);

// Tensors that differ between a network and a state: names that only one of them has, and shapes;
// of the backbone, all but single numbers. Biases and scales count, too: without one, the network
// would compute something else, and nobody would notice. "backbone.conv1.weight [64,3,7,7]
// instead of [64,3,3,3]". Empty: the weights are of this network.
std::vector<std::string> differences(const BackboneNetwork& network, const StateDict& state);

}  // namespace nolabel
