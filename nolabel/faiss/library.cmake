# libnolabel_faiss.so (plugin.cc): approximate search, loaded only when asked for. NOLABEL_FAISS is
# AUTO (built where faiss is), ON (an error without it) or OFF.
#
# faiss needs a BLAS and a LAPACK. LibTorch's come first in the search order, so what it exports
# (sgemm_) is used; the distribution's fill the rest, and, hidden in here, slow nothing else down.
set(NOLABEL_FAISS AUTO CACHE STRING "Build the approximate search library: AUTO, ON or OFF")
if(NOT NOLABEL_FAISS)
  return()
endif()
find_path(FAISS_INCLUDE_DIR faiss/IndexHNSW.h)
foreach(_library faiss lapack blas)
  string(TOUPPER ${_library} _name)
  find_library(${_name}_LIBRARY ${_library})
endforeach()
if(NOT FAISS_INCLUDE_DIR OR NOT FAISS_LIBRARY OR NOT LAPACK_LIBRARY OR NOT BLAS_LIBRARY)
  if(NOLABEL_FAISS STREQUAL "AUTO")
    message(STATUS "Without faiss: --search ivf and hnsw will say that it is missing "
                   "(libfaiss-dev libblas-dev liblapack-dev)")
    return()
  endif()
  message(FATAL_ERROR "NOLABEL_FAISS needs faiss, LAPACK and BLAS (libfaiss-dev libblas-dev "
                      "liblapack-dev)")
endif()

add_library(nolabel_faiss MODULE ${CMAKE_CURRENT_LIST_DIR}/plugin.cc)
set_target_properties(nolabel_faiss PROPERTIES
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}  # beside the program, where it is looked for
  LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/exports.map)
target_include_directories(nolabel_faiss PRIVATE ${CMAKE_BINARY_DIR}/layers/neighbors)
target_include_directories(nolabel_faiss SYSTEM PRIVATE ${FAISS_INCLUDE_DIR})
target_link_libraries(nolabel_faiss PRIVATE OpenMP::OpenMP_CXX
  ${LibTorch_CPU_LIBRARY} ${FAISS_LIBRARY} ${LAPACK_LIBRARY} ${BLAS_LIBRARY})
target_link_options(nolabel_faiss PRIVATE
  LINKER:--version-script=${CMAKE_CURRENT_LIST_DIR}/exports.map)
if(NOLABEL_TESTS)
  add_dependencies(neighbors_test nolabel_faiss)
  add_test(NAME faiss.only_one_symbol_is_seen
           COMMAND ${CMAKE_NM} --dynamic --defined-only $<TARGET_FILE:nolabel_faiss>)
  set_tests_properties(faiss.only_one_symbol_is_seen PROPERTIES
    PASS_REGULAR_EXPRESSION "^[0-9a-f]+ T nolabel_faiss_functions\n$")
  # The program must start without it: it is loaded only when asked for.
  add_test(NAME faiss.is_not_linked COMMAND ${CMAKE_READELF} --dynamic
           $<TARGET_FILE:nolabel_program>)
  set_tests_properties(faiss.is_not_linked PROPERTIES FAIL_REGULAR_EXPRESSION "faiss|blas|lapack")
endif()
if(TARGET nolabel)
  add_dependencies(nolabel nolabel_faiss)
endif()
