# The tests that a layering violation does not build: `layering.include` and `layering.matrix`
# (CheckLayering.cmake), with the include path that each layer is really compiled with.
get_property(_layers GLOBAL PROPERTY NOLABEL_LAYERS)  # targets, in the order of their declaration
foreach(_layer ${_layers})
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/layers/${_layer}.includes
    CONTENT "$<JOIN:$<TARGET_PROPERTY:${_layer},INCLUDE_DIRECTORIES>,\n>")
endforeach()

foreach(_check include matrix)
  add_test(NAME layering.${_check} COMMAND ${CMAKE_COMMAND}
    -DCHECK=${_check} "-DLAYERS=${_layers}" -DCOMPILER=${CMAKE_CXX_COMPILER}
    -DSOURCE_DIR=${CMAKE_SOURCE_DIR} -DBINARY_DIR=${CMAKE_BINARY_DIR}
    -P ${CMAKE_SOURCE_DIR}/cmake/CheckLayering.cmake)
endforeach()
