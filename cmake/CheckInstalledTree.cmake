# Run by CheckInstall.cmake with PLACE, GENERATOR, BUNDLED and HIDDEN or WATCHED: uses the tree in
# PLACE/moved on pictures made here, and builds PLACE/embed against it. HIDDEN are folders that must
# be empty; WATCHED are words before the installed program that list what it opens.
set(ENV{OMP_THREAD_LIMIT} 1)  # tests run beside others: spinning threads would cost more than they bring
set(ENV{HOME} ${PLACE})       # and none of a user's caches helps
unset(ENV{NOLABEL_LIBTORCH})
unset(ENV{LD_LIBRARY_PATH})
set(nolabel ${WATCHED} ${PLACE}/moved/bin/nolabel)

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

foreach(folder ${HIDDEN})
  file(GLOB content ${folder}/*)
  if(content)
    message(FATAL_ERROR "${folder} must be hidden. It holds ${content}.")
  endif()
endforeach()

run(${nolabel} --version)
if(NOT output MATCHES "nolabel [0-9]+\\.[0-9]+")
  message(FATAL_ERROR "the moved program said: ${output}")
endif()
if(BUNDLED)
  foreach(file torch/lib/libtorch_cpu.so torch/lib/libc10.so licenses)
    if(NOT EXISTS ${PLACE}/moved/lib/nolabel/${file})
      message(FATAL_ERROR "the moved tree must have lib/nolabel/${file}")
    endif()
  endforeach()
  file(GLOB_RECURSE licences ${PLACE}/moved/lib/nolabel/licenses/*)
  if(NOT licences MATCHES "torch[^;]*LICENSE" OR NOT licences MATCHES "torch[^;]*NOTICE")
    message(FATAL_ERROR "LibTorch's LICENSE and NOTICE must come along. There are: ${licences}")
  endif()
endif()

# The starter backbone is found in the tree.
make_pictures(${PLACE}/pictures)
run(${nolabel} mine ${PLACE}/pictures --backbone starter --out ${PLACE}/mined --device cpu --threads 1)

run(${CMAKE_COMMAND} -S ${PLACE}/embed -B ${PLACE}/build -G ${GENERATOR}
    -DCMAKE_PREFIX_PATH=${PLACE}/moved)
run(${CMAKE_COMMAND} --build ${PLACE}/build)
run(${PLACE}/build/cluster_folder ${PLACE}/pictures 3 ${PLACE}/run-of-library)
string(REGEX MATCHALL "[0-2] [01]\\.[0-9]+ [0-9-]+\\.ppm" images "${output}")
list(LENGTH images count)
if(NOT count EQUAL 600 OR NOT EXISTS ${PLACE}/run-of-library/report.html)
  message(FATAL_ERROR "cluster_folder must list 600 pictures and leave a report:\n${output}")
endif()
run(${PLACE}/build/predict_pixels ${PLACE}/run-of-library)
string(REGEX MATCHALL "cluster [0-2] of 3" choices "${output}")
list(LENGTH choices count)
if(NOT count EQUAL 8)
  message(FATAL_ERROR "predict_pixels must tell 8 clusters:\n${output}")
endif()

# The program reads what the library left.
run(${nolabel} predict ${PLACE}/run-of-library ${PLACE}/pictures --threads 1 --out ${PLACE}/clusters.csv)
file(STRINGS ${PLACE}/clusters.csv rows)
list(LENGTH rows count)
if(NOT count EQUAL 601)
  message(FATAL_ERROR "predict must list 600 pictures below a header. It wrote ${count} lines.")
endif()
