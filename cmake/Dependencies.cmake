# Outside libraries, all from the distribution's packages; LibTorch by FindLibTorch.cmake.
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(OpenMP REQUIRED COMPONENTS CXX)
# The compiler's driver links libgomp by itself; its full path would compete with LibTorch's copy.
set_target_properties(OpenMP::OpenMP_CXX PROPERTIES
  INTERFACE_LINK_LIBRARIES "" INTERFACE_LINK_OPTIONS "${OpenMP_CXX_FLAGS}")
find_package(yaml-cpp REQUIRED)
find_package(ZLIB REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(TIFF REQUIRED)
find_package(CURL REQUIRED)
find_package(LibArchive REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp libwebpdemux)
find_package(GIF REQUIRED)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)  # its flags must be the library's
# Headers alone: LibTorch holds the library itself.
find_path(GLOO_INCLUDE_DIR gloo/context.h REQUIRED)

add_library(nolabel_codecs INTERFACE)
target_link_libraries(nolabel_codecs INTERFACE JPEG::JPEG PNG::PNG TIFF::TIFF PkgConfig::WEBP
                                               GIF::GIF)

find_package(LibTorch 2.7 REQUIRED)
if(NOLABEL_TESTS)
  include(Testing)
endif()
