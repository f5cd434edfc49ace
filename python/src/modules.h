// The parts of nolabel._core.
#pragma once

#include <nanobind/nanobind.h>

namespace nolabel::python {

void add_calls(nanobind::module_& module);
void add_arrays(nanobind::module_& module);
void add_pictures(nanobind::module_& module);

}  // namespace nolabel::python
