# The test that an installed tree works after it was moved (CheckInstall.cmake).
add_test(NAME install.moved COMMAND ${CMAKE_COMMAND}
  -DBINARY_DIR=${CMAKE_BINARY_DIR} -P ${CMAKE_SOURCE_DIR}/cmake/CheckInstall.cmake)
set_tests_properties(install.moved PROPERTIES TIMEOUT 300)
