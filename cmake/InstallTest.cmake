# Tests of the installed tree: the program runs after it was moved (CheckInstall.cmake), and an
# outside project builds against it (CheckEmbed.cmake).
add_test(NAME install.moved COMMAND ${CMAKE_COMMAND}
  -DBINARY_DIR=${CMAKE_BINARY_DIR} -P ${CMAKE_SOURCE_DIR}/cmake/CheckInstall.cmake)
add_test(NAME install.embed COMMAND ${CMAKE_COMMAND}
  -DBINARY_DIR=${CMAKE_BINARY_DIR} -DSOURCE_DIR=${CMAKE_SOURCE_DIR} -DGENERATOR=${CMAKE_GENERATOR}
  -P ${CMAKE_SOURCE_DIR}/cmake/CheckEmbed.cmake)
# Both write the build folder's install_manifest.txt.
set_tests_properties(install.moved install.embed PROPERTIES
  TIMEOUT 600 RESOURCE_LOCK install_manifest)
