# Run after PROGRAM, a test program, is built (nolabel_discover_suites in Layer.cmake). Writes FILE,
# in which ctest finds a test PREFIX.SUITE for each of its suites.
file(REMOVE ${FILE})  # a list that is out of date must not stay where this fails
execute_process(COMMAND ${PROGRAM} --gtest_list_tests OUTPUT_VARIABLE listing
                TIMEOUT 60 COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "(^|\n)[^ \n]+\\." suites "${listing}")
if(NOT suites)
  message(FATAL_ERROR "${PROGRAM} lists no test:\n${listing}")
endif()
set(tests "")
foreach(suite IN LISTS suites)
  string(STRIP "${suite}" suite)
  string(REGEX REPLACE "\\.$" "" suite "${suite}")
  string(APPEND tests
    "add_test([==[${PREFIX}.${suite}]==] [==[${PROGRAM}]==] --gtest_brief=1"
    " [==[--gtest_filter=${suite}.*]==])\n"
    # Several tests run side by side: no OpenMP thread spins (cli/launcher/main.cc).
    "set_tests_properties([==[${PREFIX}.${suite}]==] PROPERTIES TIMEOUT 1200"
    " SKIP_RETURN_CODE 77 ENVIRONMENT OMP_WAIT_POLICY=passive)\n")
endforeach()
file(WRITE ${FILE} "${tests}")
