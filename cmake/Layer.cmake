# nolabel_layer(NAME [USES layer...] [LIBS target...] [TORCH])
#
# One folder of nolabel/ as a static library `nolabel_NAME` with an include root of its own: a
# file can include "nolabel/X/y.h" only if X is NAME or is listed in USES. All *.cc belong to the
# library, all *_test.cc to the program NAME_test; a new file needs no change here.
function(nolabel_layer NAME)
  cmake_parse_arguments(ARG "TORCH" "" "USES;LIBS" ${ARGN})
  set(source_dir ${CMAKE_SOURCE_DIR}/nolabel/${NAME})
  set(include_root ${CMAKE_BINARY_DIR}/layers/${NAME})
  file(MAKE_DIRECTORY ${include_root}/nolabel)
  file(CREATE_LINK ${source_dir} ${include_root}/nolabel/${NAME} SYMBOLIC)

  file(GLOB sources CONFIGURE_DEPENDS ${source_dir}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(NOT sources)
    return()
  endif()

  set(target nolabel_${NAME})
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC ${include_root})
  foreach(used ${ARG_USES})
    if(TARGET nolabel_${used})
      target_link_libraries(${target} PUBLIC nolabel_${used})
    endif()
  endforeach()
  target_link_libraries(${target} PRIVATE ${ARG_LIBS})
  if(ARG_TORCH)
    nolabel_uses_torch(${target})
  endif()
  set_property(GLOBAL APPEND PROPERTY NOLABEL_LAYERS ${target})

  if(NOLABEL_TESTS AND tests)
    add_executable(${NAME}_test ${tests})
    target_link_libraries(${NAME}_test PRIVATE ${target} ${ARG_LIBS} nolabel_gtest)
    target_compile_definitions(${NAME}_test PRIVATE
      NOLABEL_TEST_DATA="${CMAKE_SOURCE_DIR}/nolabel/${NAME}/testdata")
    if(ARG_TORCH)
      nolabel_uses_torch(${NAME}_test)
    endif()
    # Several tests run side by side: no OpenMP thread spins (cli/launcher/main.cc).
    gtest_discover_tests(${NAME}_test TEST_PREFIX "${NAME}." DISCOVERY_TIMEOUT 60
                         PROPERTIES TIMEOUT 600 ENVIRONMENT OMP_WAIT_POLICY=passive)
  endif()
endfunction()

# LibTorch and the one precompiled header that all who use it share.
function(nolabel_uses_torch TARGET)
  if(NOT TARGET nolabel_torch_pch)
    file(WRITE ${CMAKE_BINARY_DIR}/torch_pch.cc "")
    add_library(nolabel_torch_pch OBJECT ${CMAKE_BINARY_DIR}/torch_pch.cc)
    target_link_libraries(nolabel_torch_pch PRIVATE LibTorch::cpu OpenMP::OpenMP_CXX)
    target_precompile_headers(nolabel_torch_pch PRIVATE <ATen/ATen.h>)
  endif()
  target_link_libraries(${TARGET} PUBLIC LibTorch::cpu)
  target_link_libraries(${TARGET} PRIVATE OpenMP::OpenMP_CXX)
  target_precompile_headers(${TARGET} REUSE_FROM nolabel_torch_pch)
endfunction()
