# libnolabel_cuda.so (plugin.cc), with -DNOLABEL_CUDA=ON. Its sources need the headers of CUDA and NCCL, its
# kernels (*.cu) CUDA's compiler.
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
find_program(NOLABEL_NVCC nvcc PATHS /usr/local/cuda/bin)
if(NOT NOLABEL_NVCC)
  message(FATAL_ERROR "NOLABEL_CUDA needs CUDA's compiler: install nvcc of CUDA 13 (NVIDIA's package "
                      "cuda-nvcc-13-0 with cuda-cudart-dev-13-0), or pass -DNOLABEL_NVCC=PROGRAM")
endif()
get_filename_component(_nvcc_folder "${NOLABEL_NVCC}" REALPATH)
get_filename_component(_nvcc_folder "${_nvcc_folder}" DIRECTORY)
# Of the compiler's version, and in the library: nothing more is needed to run.
find_library(NOLABEL_CUDART cudart_static
  HINTS ${_nvcc_folder}/.. PATHS /usr/local/cuda PATH_SUFFIXES lib64 lib targets/${CMAKE_SYSTEM_PROCESSOR}-linux/lib)
if(NOT NOLABEL_CUDART)
  message(FATAL_ERROR "NOLABEL_CUDA needs libcudart_static.a of ${NOLABEL_NVCC}: install NVIDIA's "
                      "package cuda-cudart-dev-13-0, or pass -DNOLABEL_CUDART=FILE")
endif()

# Options of LibTorch's engine for NCCL hold a struct of nccl.h that grows with NCCL's versions, so the
# header must be of the version that LibTorch was built with: that beside it, else that of
# tools/libtorch-cuda.txt.
set(_nccl_beside ${LibTorch_LIBRARY_DIR}/../../nvidia/nccl/include)
find_path(NCCL_INCLUDE_DIR nccl.h
  HINTS ${_nccl_beside} ${CUDA_INCLUDE_DIR}
  PATHS /usr/local/cuda/include)
file(STRINGS ${CMAKE_SOURCE_DIR}/tools/libtorch-cuda.txt _nccl_wanted REGEX "^nvidia-nccl")
string(REGEX REPLACE ".*==([0-9]+\\.[0-9]+)\\..*" "\\1" _nccl_wanted "${_nccl_wanted}")
if(NOT NCCL_INCLUDE_DIR)
  message(FATAL_ERROR "NOLABEL_CUDA needs NCCL's header (nccl.h of ${_nccl_wanted}): run "
                      "tools/setup.sh with NOLABEL_CUDA=1, or pass -DNCCL_INCLUDE_DIR=FOLDER")
endif()
if(NOT EXISTS ${_nccl_beside}/nccl.h)
  file(STRINGS ${NCCL_INCLUDE_DIR}/nccl.h _nccl_found REGEX "define NCCL_(MAJOR|MINOR) ")
  string(REGEX REPLACE "[^0-9]*([0-9]+)[^0-9]+([0-9]+).*" "\\1.\\2" _nccl_found "${_nccl_found}")
  if(NOT _nccl_found STREQUAL _nccl_wanted)
    message(FATAL_ERROR "NOLABEL_CUDA needs NCCL's header of ${_nccl_wanted}, with which LibTorch was "
                        "built. Found ${NCCL_INCLUDE_DIR}/nccl.h of ${_nccl_found}")
  endif()
endif()
file(GLOB _cuda_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cc)
file(GLOB _cuda_kernels CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cu)
set(_cuda_include_root ${CMAKE_BINARY_DIR}/layers/cuda)
file(MAKE_DIRECTORY ${_cuda_include_root}/nolabel)
file(CREATE_LINK ${CMAKE_CURRENT_LIST_DIR} ${_cuda_include_root}/nolabel/cuda SYMBOLIC)

# The GPUs that LibTorch 2.11 with CUDA 13 is built for, and code that a later driver translates.
# Not by CMake's language CUDA, which would get the flags of the C++ compiler.
set(_nvcc_options -std=c++20 -O3 -Werror all-warnings -Xcompiler -fPIC,-fvisibility=hidden
  -gencode arch=compute_120,code=compute_120)
foreach(_gpu 75 80 86 90 100 120)
  list(APPEND _nvcc_options -gencode arch=compute_${_gpu},code=sm_${_gpu})
endforeach()
foreach(_layer cuda base gpu)
  list(APPEND _nvcc_options -I ${CMAKE_BINARY_DIR}/layers/${_layer})
endforeach()
foreach(_kernels ${_cuda_kernels})
  get_filename_component(_name ${_kernels} NAME_WE)
  set(_object ${CMAKE_BINARY_DIR}/cuda_kernels/${_name}.o)
  add_custom_command(OUTPUT ${_object}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/cuda_kernels
    COMMAND ${NOLABEL_NVCC} ${_nvcc_options} -MD -MF ${_object}.d -c ${_kernels} -o ${_object}
    DEPENDS ${_kernels} DEPFILE ${_object}.d
    COMMENT "Compiling the kernels ${_name}.cu" VERBATIM)
  list(APPEND _cuda_sources ${_object})
endforeach()
add_library(nolabel_cuda MODULE ${_cuda_sources})
target_include_directories(nolabel_cuda PRIVATE
  ${_cuda_include_root} ${CMAKE_BINARY_DIR}/layers/base ${CMAKE_BINARY_DIR}/layers/gpu)
target_include_directories(nolabel_cuda SYSTEM PRIVATE ${CUDA_INCLUDE_DIR} ${NCCL_INCLUDE_DIR})
set_target_properties(nolabel_cuda PROPERTIES
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}  # beside the program, where it is looked for
  LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/exports.map)
target_link_libraries(nolabel_cuda PRIVATE LibTorch::cuda ${NOLABEL_CUDART} ${CMAKE_DL_LIBS} pthread rt)
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
