# The installed tree works when it was moved and the clone is gone (CheckInstall.cmake), and an
# outside project builds against it. Where the tree names a LibTorch in the clone, it cannot.
string(FIND "${LibTorch_LIBRARY_DIR}/" "${CMAKE_SOURCE_DIR}/" _in_clone)
if(NOLABEL_BUNDLE OR NOT _in_clone EQUAL 0)
  add_test(NAME install.without_clone COMMAND ${CMAKE_COMMAND}
    -DSOURCE_DIR=${CMAKE_SOURCE_DIR} -DBINARY_DIR=${CMAKE_BINARY_DIR}
    -DLIBTORCH_DIR=${LibTorch_LIBRARY_DIR} -DBUNDLED=${NOLABEL_BUNDLE} -DGENERATOR=${CMAKE_GENERATOR}
    -P ${CMAKE_SOURCE_DIR}/cmake/CheckInstall.cmake)
  set_tests_properties(install.without_clone PROPERTIES TIMEOUT 1200)
endif()
