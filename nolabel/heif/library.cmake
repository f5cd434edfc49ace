# libnolabel_heif.so (plugin.cc): HEIC and AVIF, loaded at the first such picture. Alone it links
# libheif, so that what contains no libheif (the Python wheel) works without these formats.
pkg_check_modules(HEIF REQUIRED IMPORTED_TARGET libheif)

add_library(nolabel_heif MODULE ${CMAKE_CURRENT_LIST_DIR}/plugin.cc)
set_target_properties(nolabel_heif PROPERTIES
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}  # beside the program, where it is looked for
  LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/exports.map)
target_include_directories(nolabel_heif PRIVATE ${CMAKE_BINARY_DIR}/layers/image)
target_link_libraries(nolabel_heif PRIVATE PkgConfig::HEIF)
target_link_options(nolabel_heif PRIVATE
  LINKER:--version-script=${CMAKE_CURRENT_LIST_DIR}/exports.map)
# Whatever reads pictures finds it there.
add_dependencies(nolabel_image nolabel_heif)

if(NOLABEL_TESTS)
  add_test(NAME heif.only_one_symbol_is_seen
           COMMAND ${CMAKE_NM} --dynamic --defined-only $<TARGET_FILE:nolabel_heif>)
  set_tests_properties(heif.only_one_symbol_is_seen PROPERTIES
    PASS_REGULAR_EXPRESSION "^[0-9a-f]+ T nolabel_heif_functions\n$")
  # The program and the library must start without libheif.
  foreach(_library nolabel_program nolabel_api)
    add_test(NAME heif.is_not_linked_by_${_library}
             COMMAND ${CMAKE_READELF} --dynamic $<TARGET_FILE:${_library}>)
    set_tests_properties(heif.is_not_linked_by_${_library} PROPERTIES
      PASS_REGULAR_EXPRESSION "NEEDED.*libtorch_cpu" FAIL_REGULAR_EXPRESSION "heif|x265|de265|dav1d")
  endforeach()
endif()
