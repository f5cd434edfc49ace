# Run by ctest (InstallTest.cmake) with BINARY_DIR, SOURCE_DIR and GENERATOR: installs, moves the
# tree, builds examples/embed against it, and runs its programs on pictures made here. The backbone
# is a tiny one that the installed program trains for an epoch.
set(place ${BINARY_DIR}/embed-test)
set(ENV{OMP_THREAD_LIMIT} 1)  # tests run beside others: spinning threads would cost more than they bring

function(run)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${code}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# 600 plain PPM pictures of 8x8 pixels, three colors in many shades.
function(make_pictures FOLDER)
  foreach(shade RANGE 0 199)
    foreach(color "255 0 ${shade}" "${shade} 255 0" "0 ${shade} 255")
      string(REPEAT "${color}\n" 64 pixels)
      string(REPLACE " " "-" name "${color}")
      file(WRITE ${FOLDER}/${name}.ppm "P3 8 8 255\n${pixels}")
    endforeach()
  endforeach()
endfunction()

file(REMOVE_RECURSE ${place})
make_pictures(${place}/pictures)
run(${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${place}/first)
file(RENAME ${place}/first ${place}/moved)

run(${place}/moved/bin/nolabel simclr ${place}/pictures --out ${place}/backbone --device cpu
    --threads 1 --set epochs=1 --set batch_size=100 --set width=8 --image-size 16)

run(${CMAKE_COMMAND} -S ${SOURCE_DIR}/examples/embed -B ${place}/build -G ${GENERATOR}
    -DCMAKE_PREFIX_PATH=${place}/moved)
run(${CMAKE_COMMAND} --build ${place}/build)

run(${place}/build/cluster_folder ${place}/pictures 3 ${place}/run ${place}/backbone)
string(REGEX MATCHALL "[0-2] [01]\\.[0-9]+ [0-9-]+\\.ppm" images "${output}")
list(LENGTH images count)
if(NOT count EQUAL 600 OR NOT EXISTS ${place}/run/report.html)
  message(FATAL_ERROR "cluster_folder must list 600 pictures and leave a report:\n${output}")
endif()

run(${place}/build/predict_pixels ${place}/run)
string(REGEX MATCHALL "cluster [0-2] of 3" choices "${output}")
list(LENGTH choices count)
if(NOT count EQUAL 8)
  message(FATAL_ERROR "predict_pixels must tell 8 clusters:\n${output}")
endif()
file(REMOVE_RECURSE ${place})
