# `cmake --install`: a tree that can be moved.
#
#   bin/nolabel, lib/libnolabel_program.so, lib/libnolabel.so, include/nolabel/…, lib/cmake/nolabel, share/nolabel
#   lib/libnolabel_heif.so, lib/libnolabel_cuda.so with NOLABEL_CUDA=ON, lib/libnolabel_faiss.so where faiss is
#
# NOLABEL_BUNDLE (Bundle.cmake) puts LibTorch with its licences into lib/nolabel, in the layout that
# its own RPATH expects: the tree then needs nothing of the clone. Without it, the RPATH names the
# LibTorch of the build.
# Components: runtime (what runs; the Python wheel takes it), development (headers, CMake), faiss,
# libtorch. Without --component, all of them.
include(CMakePackageConfigHelpers)

set(NOLABEL_LIBTORCH_DESTINATION lib/nolabel)
if(NOLABEL_BUNDLE)
  set(_libtorch_from_lib "$ORIGIN/nolabel/torch/lib")
else()
  set(_libtorch_from_lib "${LibTorch_LIBRARY_DIR}")
endif()

install(DIRECTORY configs DESTINATION share/nolabel COMPONENT runtime OPTIONAL)
install(DIRECTORY zoo DESTINATION share/nolabel COMPONENT runtime OPTIONAL)
install(FILES examples/starter.safetensors DESTINATION share/nolabel COMPONENT runtime OPTIONAL)
install(FILES LICENSE NOTICE DESTINATION share/nolabel COMPONENT runtime)
# Fetched by tools/setup.sh; left out where that had no network.
if("$ENV{DEPS_DIR}" STREQUAL "")
  set(_photos ${CMAKE_SOURCE_DIR}/.deps/photos)
else()
  set(_photos $ENV{DEPS_DIR}/photos)
endif()
install(FILES ${_photos}/efficientnet-lite0.pth ${_photos}/efficientnet-lite0.LICENSE
        DESTINATION share/nolabel COMPONENT runtime OPTIONAL)

if(TARGET nolabel)
  set_target_properties(nolabel_program PROPERTIES INSTALL_RPATH "${_libtorch_from_lib}")
  install(TARGETS nolabel RUNTIME DESTINATION bin COMPONENT runtime)
  install(TARGETS nolabel_program LIBRARY DESTINATION lib COMPONENT runtime)
  if(NOLABEL_TESTS)
    include(InstallTest)
  endif()
endif()

# The facade: find_package(nolabel) gives nolabel::nolabel.
if(TARGET nolabel_api)
  set_target_properties(nolabel_api PROPERTIES
    OUTPUT_NAME nolabel EXPORT_NAME nolabel
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
    INSTALL_RPATH "$ORIGIN;${_libtorch_from_lib}")
  # LibTorch and the layers are linked privately: whoever uses the facade sees nothing of them.
  install(TARGETS nolabel_api EXPORT nolabelTargets
          LIBRARY DESTINATION lib COMPONENT runtime NAMELINK_COMPONENT development
          INCLUDES DESTINATION include)
  foreach(_header ${NOLABEL_PUBLIC_HEADERS})
    get_filename_component(_folder ${_header} DIRECTORY)
    install(FILES ${_header} DESTINATION include/${_folder} COMPONENT development)
  endforeach()
  install(EXPORT nolabelTargets NAMESPACE nolabel:: DESTINATION lib/cmake/nolabel
          COMPONENT development)
  configure_package_config_file(cmake/nolabelConfig.cmake.in
    ${CMAKE_BINARY_DIR}/nolabelConfig.cmake INSTALL_DESTINATION lib/cmake/nolabel)
  write_basic_package_version_file(${CMAKE_BINARY_DIR}/nolabelConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_BINARY_DIR}/nolabelConfig.cmake
                ${CMAKE_BINARY_DIR}/nolabelConfigVersion.cmake
          DESTINATION lib/cmake/nolabel COMPONENT development)
endif()

# Found by the program in ../lib, by the facade beside it.
set(_component_of_nolabel_cuda runtime)
set(_component_of_nolabel_faiss faiss)
set(_component_of_nolabel_heif runtime)
foreach(_plugin nolabel_cuda nolabel_faiss nolabel_heif)
  if(TARGET ${_plugin})
    set_target_properties(${_plugin} PROPERTIES INSTALL_RPATH "${_libtorch_from_lib}")
    install(TARGETS ${_plugin} LIBRARY DESTINATION lib COMPONENT ${_component_of_${_plugin}})
  endif()
endforeach()

if(NOLABEL_BUNDLE)
  install(SCRIPT cmake/BundleLibTorch.cmake COMPONENT libtorch)
  install(CODE "bundle_libtorch(\"${LibTorch_LIBRARY_DIR}\" \
    \"\${CMAKE_INSTALL_PREFIX}/${NOLABEL_LIBTORCH_DESTINATION}\" ${NOLABEL_CUDA})"
    COMPONENT libtorch)
endif()
