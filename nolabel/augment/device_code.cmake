# augment.compiles_for_cuda: see device_code_check.cu.
find_program(NOLABEL_NVCC nvcc)
if(NOLABEL_NVCC)
  add_test(NAME augment.compiles_for_cuda
    COMMAND ${NOLABEL_NVCC} -std=c++20 --fmad=false -Werror all-warnings
            -I ${CMAKE_SOURCE_DIR} -c ${CMAKE_CURRENT_LIST_DIR}/device_code_check.cu
            -o ${CMAKE_BINARY_DIR}/device_code_check.o)
endif()
