# Whether `cmake --install` puts LibTorch into the tree.
#
# The LibTorch that set-up fetched lies in the clone (or in DEPS_DIR) and goes with it, so it is
# bundled. A LibTorch that the user named (CMAKE_PREFIX_PATH, NOLABEL_LIBTORCH) has its own place,
# often with gigabytes of CUDA libraries that other programs share: the tree names it.
get_filename_component(_libtorch ${LibTorch_LIBRARY_DIR} REALPATH)
set(_bundle OFF)
foreach(_fetched "$ENV{DEPS_DIR}" ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/.deps)
  if(_fetched)
    get_filename_component(_fetched ${_fetched} REALPATH)
    string(FIND ${_libtorch}/ ${_fetched}/ _begins)
    if(_begins EQUAL 0)
      set(_bundle ON)
    endif()
  endif()
endforeach()
option(NOLABEL_BUNDLE "Install LibTorch into the tree, so that the tree needs nothing else" ${_bundle})
