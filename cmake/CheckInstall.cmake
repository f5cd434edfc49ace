# Run by ctest (InstallTest.cmake) with BINARY_DIR: installs, moves the tree, runs the program there.
set(place ${BINARY_DIR}/install-test)
file(REMOVE_RECURSE ${place})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${place}/first
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${place}/first ${place}/moved)
execute_process(COMMAND ${place}/moved/bin/nolabel --version
  OUTPUT_VARIABLE version COMMAND_ERROR_IS_FATAL ANY)
if(NOT version MATCHES "nolabel [0-9]+\\.[0-9]+")
  message(FATAL_ERROR "the moved program said: ${version}")
endif()
file(REMOVE_RECURSE ${place})
