# nolabel_gtest: what every test program links, GoogleTest with our main() (tests/main).
find_package(GTest REQUIRED)
add_library(nolabel_gtest STATIC ${CMAKE_SOURCE_DIR}/tests/main/test_main.cc)
target_link_libraries(nolabel_gtest PUBLIC GTest::gtest GTest::gmock)
