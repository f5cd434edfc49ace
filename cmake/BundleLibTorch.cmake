# bundle_libtorch(LIBRARY_DIR DESTINATION CUDA), run at installation: puts what libtorch_cpu.so
# (with CUDA: also libtorch_cuda.so) needs from beside it into the tree, keeping the places relative
# to each other, which LibTorch's own RPATH relies on, with its licences and NVIDIA's:
#
#   <prefix>/torch/lib/libtorch_cpu.so      ->  DESTINATION/torch/lib/
#   <prefix>/nvidia/cu13/lib/libcudart.so   ->  DESTINATION/nvidia/cu13/lib/
#   <prefix>/licenses                       ->  DESTINATION/licenses
#
# Files are hard links where the file system allows that (no disk space, no time), else copies: the
# tree stays whole when the first place is removed.

# Sets `needed` to the libraries, with their full names.
function(needed_libraries LIBRARY_DIR PREFIX CUDA)
  set(libraries ${LIBRARY_DIR}/libtorch_cpu.so)
  if(CUDA)
    list(APPEND libraries ${LIBRARY_DIR}/libtorch_cuda.so)
  endif()
  # Looks where the dynamic loader will look: in the RPATH that each library carries.
  file(GET_RUNTIME_DEPENDENCIES LIBRARIES ${libraries}
    RESOLVED_DEPENDENCIES_VAR found UNRESOLVED_DEPENDENCIES_VAR unresolved)
  list(APPEND found ${libraries})
  if(CUDA)
    # cuDNN and NVRTC load parts of themselves by name while the program runs.
    file(GLOB loaded_by_name ${PREFIX}/nvidia/*/lib/*.so*)
    list(APPEND found ${loaded_by_name})
  endif()
  list(REMOVE_DUPLICATES found)
  set(needed "${found}" PARENT_SCOPE)
endfunction()

# Puts a library into `folder` under its name; a library that is a symbolic link to one beside it
# stays one, and that one comes along.
function(place_library LIBRARY FOLDER)
  file(MAKE_DIRECTORY ${FOLDER})
  while(IS_SYMLINK ${LIBRARY})
    file(READ_SYMLINK ${LIBRARY} target)
    if(target MATCHES "/")
      break()
    endif()
    get_filename_component(name ${LIBRARY} NAME)
    file(CREATE_LINK ${target} ${FOLDER}/${name} SYMBOLIC)
    get_filename_component(directory ${LIBRARY} DIRECTORY)
    set(LIBRARY ${directory}/${target})
  endwhile()
  get_filename_component(name ${LIBRARY} NAME)
  get_filename_component(original ${LIBRARY} REALPATH)
  file(CREATE_LINK ${original} ${FOLDER}/${name} COPY_ON_ERROR)
endfunction()

# From beside a wheel that set-up unpacked, or from where pip leaves them.
function(place_licences PREFIX DESTINATION)
  if(IS_DIRECTORY ${PREFIX}/licenses)
    file(COPY ${PREFIX}/licenses DESTINATION ${DESTINATION})
    return()
  endif()
  file(GLOB_RECURSE licences ${PREFIX}/torch-*.dist-info/*LICENSE* ${PREFIX}/torch-*.dist-info/*NOTICE*
    ${PREFIX}/nvidia_*.dist-info/*License*)
  foreach(licence ${licences})
    get_filename_component(folder ${licence} DIRECTORY)
    file(RELATIVE_PATH package ${PREFIX} ${folder})
    file(COPY ${licence} DESTINATION ${DESTINATION}/licenses/${package})
  endforeach()
  if(NOT licences)
    message(WARNING "no licences are beside this LibTorch in ${PREFIX}: whoever passes the installed "
      "tree on must add LibTorch's LICENSE and NOTICE to it.")
  endif()
endfunction()

function(bundle_libtorch LIBRARY_DIR DESTINATION CUDA)
  get_filename_component(library_dir "${LIBRARY_DIR}" REALPATH)
  get_filename_component(torch_root "${library_dir}" DIRECTORY)
  get_filename_component(prefix "${torch_root}" DIRECTORY)
  set(destination "$ENV{DESTDIR}${DESTINATION}")
  needed_libraries(${library_dir} ${prefix} ${CUDA})
  set(bytes 0)
  foreach(library ${needed})
    get_filename_component(library "${library}" ABSOLUTE)
    file(RELATIVE_PATH in_torch "${torch_root}" "${library}")
    file(RELATIVE_PATH in_nvidia "${prefix}/nvidia" "${library}")
    if(NOT in_torch MATCHES "^\\.\\.")
      set(place torch/${in_torch})
    elseif(NOT in_nvidia MATCHES "^\\.\\.")
      set(place nvidia/${in_nvidia})
    else()
      continue()  # the system's
    endif()
    get_filename_component(folder ${destination}/${place} DIRECTORY)
    place_library(${library} ${folder})
    file(SIZE ${library} size)
    math(EXPR bytes "${bytes} + ${size}")
  endforeach()
  place_licences(${prefix} ${destination})
  math(EXPR megabytes "${bytes} / 1000000")
  message(STATUS "LibTorch: ${megabytes} MB in ${destination}, from ${prefix}")
endfunction()
