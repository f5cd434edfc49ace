# libnolabel_cuda.so (plugin.cc), with -DNOLABEL_CUDA=ON. No CUDA compiler is needed.
if(NOT TARGET LibTorch::cuda)
  message(FATAL_ERROR "NOLABEL_CUDA needs a LibTorch with CUDA; ${LibTorch_LIBRARY_DIR} has no "
                      "libtorch_cuda.so")
endif()
add_library(nolabel_cuda MODULE ${CMAKE_CURRENT_LIST_DIR}/plugin.cc)
set_target_properties(nolabel_cuda PROPERTIES
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})  # beside the program, where it is looked for
target_link_libraries(nolabel_cuda PRIVATE LibTorch::cuda)
target_link_options(nolabel_cuda PRIVATE
  LINKER:--no-as-needed             # nothing in it is named, it registers itself
  LINKER:--allow-shlib-undefined)   # cuBLAS, cuDNN …: needed to run, not to build

if(NOLABEL_TESTS)
  add_test(NAME cuda.plugin_needs_libtorch_cuda
           COMMAND ${CMAKE_READELF} --dynamic $<TARGET_FILE:nolabel_cuda>)
  set_tests_properties(cuda.plugin_needs_libtorch_cuda PROPERTIES
    PASS_REGULAR_EXPRESSION "NEEDED.*libtorch_cuda\\.so")
endif()
