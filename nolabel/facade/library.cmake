# libnolabel.so: the facade (nolabel/nolabel.h) with everything below it inside, LibTorch beside it.
# nolabel::nolabel here and, after find_package(nolabel), in other projects.
foreach(_header nolabel values clustering corrections arrays pictures declarations)
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/nolabel/${_header}.h
       ${CMAKE_BINARY_DIR}/layers/facade/nolabel/${_header}.h SYMBOLIC)
endforeach()

add_library(nolabel_api SHARED $<TARGET_OBJECTS:nolabel_facade>)
add_library(nolabel::nolabel ALIAS nolabel_api)
set_target_properties(nolabel_api PROPERTIES
  LINKER_LANGUAGE CXX LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/exports.map)
target_compile_features(nolabel_api INTERFACE cxx_std_20)
target_include_directories(nolabel_api INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>)
target_link_options(nolabel_api PRIVATE
  LINKER:--version-script=${CMAKE_CURRENT_LIST_DIR}/exports.map)
target_link_libraries(nolabel_api PRIVATE nolabel_pipeline)

# The headers that nolabel.h is made of; all of them plain C++.
set(NOLABEL_PUBLIC_HEADERS nolabel/nolabel.h nolabel/values.h nolabel/clustering.h
  nolabel/corrections.h nolabel/arrays.h nolabel/pictures.h nolabel/declarations.h
  nolabel/base/cancel.h nolabel/base/error.h
  nolabel/base/format.h nolabel/base/matrix.h nolabel/image/image.h nolabel/record/observer.h)
