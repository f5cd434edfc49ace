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
  nolabel_unity(${target})
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
    target_link_libraries(${NAME}_test PRIVATE ${target} ${ARG_LIBS})
    target_compile_definitions(${NAME}_test PRIVATE
      NOLABEL_TEST_DATA="${CMAKE_SOURCE_DIR}/nolabel/${NAME}/testdata")
    if(ARG_TORCH)
      nolabel_is_test(${NAME}_test TORCH)
    else()
      nolabel_is_test(${NAME}_test)
    endif()
    nolabel_discover_suites(${NAME}_test ${NAME})
  endif()
endfunction()

# TARGET compiles against the precompiled HEADERS, which all targets of the same KIND share.
function(nolabel_precompiled TARGET KIND)
  cmake_parse_arguments(ARG "" "" "HEADERS;LIBS;OPTIONS" ${ARGN})
  target_compile_options(${TARGET} PRIVATE ${ARG_OPTIONS})
  if(NOT TARGET nolabel_${KIND}_pch)
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${KIND}_pch.cc CONTENT "")  # keeps its time: no rebuild
    add_library(nolabel_${KIND}_pch OBJECT ${CMAKE_BINARY_DIR}/${KIND}_pch.cc)
    target_link_libraries(nolabel_${KIND}_pch PRIVATE ${ARG_LIBS})
    target_compile_options(nolabel_${KIND}_pch PRIVATE ${ARG_OPTIONS})
    target_precompile_headers(nolabel_${KIND}_pch PRIVATE ${ARG_HEADERS})
  endif()
  target_precompile_headers(${TARGET} REUSE_FROM nolabel_${KIND}_pch)
endfunction()

# Compiles several files of TARGET as one. With LibTorch's headers every translation unit
# instantiates the same templates again, which takes longer than most of our files.
function(nolabel_unity TARGET)
  set_target_properties(${TARGET} PROPERTIES UNITY_BUILD ${NOLABEL_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  # GCC takes a source that another file includes for a header, which may be in two programs.
  target_compile_options(${TARGET} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endfunction()

function(nolabel_uses_torch TARGET)
  target_link_libraries(${TARGET} PUBLIC LibTorch::cpu)
  target_link_libraries(${TARGET} PRIVATE OpenMP::OpenMP_CXX)
  nolabel_precompiled(${TARGET} torch
    HEADERS <ATen/ATen.h> <nlohmann/json.hpp>
    LIBS LibTorch::cpu OpenMP::OpenMP_CXX nlohmann_json::nlohmann_json)
endfunction()

# A test program: GoogleTest with our main(), and LibTorch when TORCH is given.
function(nolabel_is_test TARGET)
  cmake_parse_arguments(ARG "TORCH" "" "" ${ARGN})
  set(headers <gmock/gmock.h> <gtest/gtest.h> <nlohmann/json.hpp>)
  set(libs nolabel_gtest nlohmann_json::nlohmann_json OpenMP::OpenMP_CXX)
  # Tests check values, not speed. Optimised less, a test compiles in a third of the time.
  set(options -O1)
  target_link_libraries(${TARGET} PRIVATE nolabel_gtest OpenMP::OpenMP_CXX)
  nolabel_unity(${TARGET})
  if(ARG_TORCH)
    target_link_libraries(${TARGET} PRIVATE LibTorch::cpu)
    nolabel_precompiled(${TARGET} torch_test
      HEADERS <ATen/ATen.h> ${headers} LIBS LibTorch::cpu ${libs} OPTIONS ${options})
  else()
    nolabel_precompiled(${TARGET} test HEADERS ${headers} LIBS ${libs} OPTIONS ${options})
  endif()
endfunction()

# Each suite of the test program TARGET is a test of ctest, PREFIX.SUITE. A process for each single
# test, as gtest_discover_tests() has it, would load LibTorch more than a thousand times.
function(nolabel_discover_suites TARGET PREFIX)
  set(file ${CMAKE_CURRENT_BINARY_DIR}/${TARGET}_suites.cmake)
  set(script ${CMAKE_SOURCE_DIR}/cmake/WriteSuites.cmake)
  set_property(TARGET ${TARGET} APPEND PROPERTY LINK_DEPENDS ${script})
  add_custom_command(TARGET ${TARGET} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:${TARGET}> -D PREFIX=${PREFIX} -D FILE=${file}
            -P ${script}
    BYPRODUCTS ${file} VERBATIM)
  # A program that is not built must not look like one without tests.
  file(WRITE ${file}.in "if(EXISTS [==[${file}]==])\n  include([==[${file}]==])\nelse()\n"
                        "  add_test(${TARGET}_NOT_BUILT ${TARGET}_NOT_BUILT)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${file}.in)
endfunction()
