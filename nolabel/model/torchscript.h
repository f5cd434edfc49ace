// A network that is a program (program.h), among the architectures. Private to model.
#pragma once

#include <memory>

#include "nolabel/model/architecture.h"
#include "nolabel/model/program.h"

namespace nolabel {

// Has no tensors; its features are the program's.
std::unique_ptr<const BackboneNetwork> program_network(
    std::shared_ptr<const BackboneProgram> program);

}  // namespace nolabel
