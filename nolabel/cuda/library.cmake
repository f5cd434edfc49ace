# libnolabel_cuda.so (plugin.cc), with -DNOLABEL_CUDA=ON. Its sources need CUDA's headers.
if(NOT TARGET LibTorch::cuda)
  message(FATAL_ERROR "NOLABEL_CUDA needs a LibTorch with CUDA; ${LibTorch_LIBRARY_DIR} has no "
                      "libtorch_cuda.so")
endif()
# Beside the wheel's LibTorch, else where CUDA's own installer puts them.
find_path(CUDA_INCLUDE_DIR cuda_runtime_api.h
  HINTS ${LibTorch_LIBRARY_DIR}/../../nvidia/cu13/include
  PATHS /usr/local/cuda/include)
if(NOT CUDA_INCLUDE_DIR)
  message(FATAL_ERROR "NOLABEL_CUDA needs CUDA's headers (cuda_runtime_api.h): run tools/setup.sh "
                      "with NOLABEL_CUDA=1, or pass -DCUDA_INCLUDE_DIR=FOLDER")
endif()
file(GLOB _cuda_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cc)
add_library(nolabel_cuda MODULE ${_cuda_sources})
set(_cuda_include_root ${CMAKE_BINARY_DIR}/layers/cuda)
file(MAKE_DIRECTORY ${_cuda_include_root}/nolabel)
file(CREATE_LINK ${CMAKE_CURRENT_LIST_DIR} ${_cuda_include_root}/nolabel/cuda SYMBOLIC)
target_include_directories(nolabel_cuda PRIVATE
  ${_cuda_include_root} ${CMAKE_BINARY_DIR}/layers/base ${CMAKE_BINARY_DIR}/layers/gpu)
target_include_directories(nolabel_cuda SYSTEM PRIVATE ${CUDA_INCLUDE_DIR})
set_target_properties(nolabel_cuda PROPERTIES
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}  # beside the program, where it is looked for
  LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/exports.map)
target_link_libraries(nolabel_cuda PRIVATE LibTorch::cuda)
target_link_options(nolabel_cuda PRIVATE
  LINKER:--version-script=${CMAKE_CURRENT_LIST_DIR}/exports.map
  LINKER:--no-as-needed             # LibTorch's libraries register themselves
  LINKER:--allow-shlib-undefined)   # cuBLAS, cuDNN …: needed to run, not to build

if(NOLABEL_TESTS)
  add_test(NAME cuda.plugin_needs_libtorch_cuda
           COMMAND ${CMAKE_READELF} --dynamic $<TARGET_FILE:nolabel_cuda>)
  set_tests_properties(cuda.plugin_needs_libtorch_cuda PROPERTIES
    PASS_REGULAR_EXPRESSION "NEEDED.*libtorch_cuda\\.so")
endif()
