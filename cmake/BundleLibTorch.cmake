# bundle_libtorch(LIBRARY_DIR DESTINATION CUDA), run at installation: copies what libtorch_cpu.so
# (with CUDA: also libtorch_cuda.so) needs from beside it, keeping the places relative to each
# other, which LibTorch's own RPATH relies on:
#
#   <prefix>/torch/lib/libtorch_cpu.so      ->  DESTINATION/torch/lib/
#   <prefix>/nvidia/cu13/lib/libcudart.so   ->  DESTINATION/nvidia/cu13/lib/
function(bundle_libtorch LIBRARY_DIR DESTINATION CUDA)
  get_filename_component(torch_root "${LIBRARY_DIR}" DIRECTORY)
  get_filename_component(prefix "${torch_root}" DIRECTORY)

  set(libraries ${LIBRARY_DIR}/libtorch_cpu.so)
  if(CUDA)
    list(APPEND libraries ${LIBRARY_DIR}/libtorch_cuda.so)
  endif()
  # Looks where the dynamic loader will look: in the RPATH that each library carries.
  file(GET_RUNTIME_DEPENDENCIES LIBRARIES ${libraries}
    RESOLVED_DEPENDENCIES_VAR needed UNRESOLVED_DEPENDENCIES_VAR unresolved)
  list(APPEND needed ${libraries})
  if(CUDA)
    # cuDNN and NVRTC load parts of themselves by name while the program runs.
    file(GLOB loaded_by_name ${prefix}/nvidia/*/lib/*.so*)
    list(APPEND needed ${loaded_by_name})
  endif()
  list(REMOVE_DUPLICATES needed)

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
    get_filename_component(folder "$ENV{DESTDIR}${DESTINATION}/${place}" DIRECTORY)
    file(COPY "${library}" DESTINATION "${folder}" FOLLOW_SYMLINK_CHAIN)
  endforeach()
  if(IS_DIRECTORY "${prefix}/licenses")
    file(COPY "${prefix}/licenses" DESTINATION "$ENV{DESTDIR}${DESTINATION}")
  endif()
endfunction()
