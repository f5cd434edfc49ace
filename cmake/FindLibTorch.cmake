# LibTorch as imported targets, without TorchConfig.cmake (which drags in CUDA's set-up).
#
#   LibTorch::cpu    torch_cpu and c10: all that the program links
#   LibTorch::cuda   torch_cuda and c10_cuda: only the plug-in library links it (if present)
#
# Looked for in CMAKE_PREFIX_PATH (a LibTorch folder, or a `pip install torch`'s torch/ folder), in
# the environment's NOLABEL_LIBTORCH, then where tools/setup.sh unpacks the pinned wheel: torch/ in
# the environment's DEPS_DIR, else in .deps.
set(_torch_hints ${CMAKE_PREFIX_PATH})
if(NOT "$ENV{NOLABEL_LIBTORCH}" STREQUAL "")
  list(APPEND _torch_hints "$ENV{NOLABEL_LIBTORCH}")
endif()
if(NOT "$ENV{DEPS_DIR}" STREQUAL "")
  list(APPEND _torch_hints "$ENV{DEPS_DIR}/torch")
endif()
list(APPEND _torch_hints ${CMAKE_SOURCE_DIR}/.deps/torch)
# Named otherwise than at the last configuration: what was found then does not count.
if(DEFINED LibTorch_HINTS AND NOT LibTorch_HINTS STREQUAL "${_torch_hints}")
  foreach(_found INCLUDE_DIR CPU_LIBRARY C10_LIBRARY CUDA_LIBRARY C10_CUDA_LIBRARY)
    unset(LibTorch_${_found} CACHE)
  endforeach()
endif()
set(LibTorch_HINTS "${_torch_hints}" CACHE INTERNAL "where LibTorch was looked for")

find_path(LibTorch_INCLUDE_DIR ATen/ATen.h
  HINTS ${_torch_hints}
  PATH_SUFFIXES include torch/include NO_CMAKE_SYSTEM_PATH)
get_filename_component(_torch_root "${LibTorch_INCLUDE_DIR}" DIRECTORY)
find_library(LibTorch_CPU_LIBRARY torch_cpu HINTS ${_torch_root}/lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY c10 HINTS ${_torch_root}/lib NO_DEFAULT_PATH)
find_library(LibTorch_CUDA_LIBRARY torch_cuda HINTS ${_torch_root}/lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_CUDA_LIBRARY c10_cuda HINTS ${_torch_root}/lib NO_DEFAULT_PATH)

set(LibTorch_VERSION "")
foreach(_header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
  if(EXISTS "${LibTorch_INCLUDE_DIR}/${_header}" AND NOT LibTorch_VERSION)
    file(STRINGS "${LibTorch_INCLUDE_DIR}/${_header}" _lines
         REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
    string(REGEX REPLACE "[^0-9;]" "" LibTorch_VERSION "${_lines}")
    string(REPLACE ";" "." LibTorch_VERSION "${LibTorch_VERSION}")
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "run tools/setup.sh, or pass -DCMAKE_PREFIX_PATH=<LibTorch folder>")

if(LibTorch_FOUND AND NOT TARGET LibTorch::cpu)
  set(LibTorch_LIBRARY_DIR ${_torch_root}/lib)
  add_library(LibTorch::c10 SHARED IMPORTED)
  set_target_properties(LibTorch::c10 PROPERTIES IMPORTED_LOCATION ${LibTorch_C10_LIBRARY})
  add_library(LibTorch::cpu SHARED IMPORTED)
  set_target_properties(LibTorch::cpu PROPERTIES
    IMPORTED_LOCATION ${LibTorch_CPU_LIBRARY}
    INTERFACE_LINK_LIBRARIES LibTorch::c10)
  target_include_directories(LibTorch::cpu SYSTEM INTERFACE
    ${LibTorch_INCLUDE_DIR} ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include)
  if(LibTorch_CUDA_LIBRARY)
    add_library(LibTorch::cuda SHARED IMPORTED)
    set_target_properties(LibTorch::cuda PROPERTIES IMPORTED_LOCATION ${LibTorch_CUDA_LIBRARY}
      INTERFACE_LINK_LIBRARIES "LibTorch::cpu;${LibTorch_C10_CUDA_LIBRARY}")
  endif()
endif()
