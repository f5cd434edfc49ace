// nolabel._core: the library for Python. The package in python/nolabel/ is what people use; it
// gives this module checked arrays and texts, and its results names.
#include "python/src/modules.h"
#include "python/src/work.h"

#include <nanobind/stl/string.h>

NB_MODULE(_core, module) {
  nolabel::python::register_errors(module);
  nolabel::python::add_calls(module);
  nolabel::python::add_arrays(module);
  nolabel::python::add_pictures(module);
  module.def("version", nolabel::library_version);
}
