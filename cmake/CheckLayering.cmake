# Run by ctest (LayeringTest.cmake) with CHECK, LAYERS, COMPILER, SOURCE_DIR and BINARY_DIR.
#
#   include  a file of the image layer compiles with a header of base, and does not with one of data
#   matrix   no header of any layer can be reached from the layers declared before it

# Compiles `text` as a file of `layer`; `result` becomes 0 or not, `output` the output of the compiler.
function(compile_in LAYER TEXT RESULT OUTPUT)
  file(STRINGS ${BINARY_DIR}/layers/${LAYER}.includes include_dirs)
  list(TRANSFORM include_dirs PREPEND -I)
  set(source ${BINARY_DIR}/layers/${LAYER}_${CHECK}.cc)
  file(WRITE ${source} "${TEXT}")
  execute_process(COMMAND ${COMPILER} -std=c++20 -fsyntax-only ${include_dirs} ${source}
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  file(REMOVE ${source})
  set(${RESULT} "${result}" PARENT_SCOPE)
  set(${OUTPUT} "${output}" PARENT_SCOPE)
endfunction()

function(check_include)
  compile_in(nolabel_image "#include \"nolabel/base/error.h\"\n" result output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "the image layer cannot include a header of base:\n${output}")
  endif()
  compile_in(nolabel_image "#include \"nolabel/data/dataset.h\"\n" result output)
  if(result EQUAL 0 OR NOT output MATCHES "nolabel/data/dataset.h: No such file")
    message(FATAL_ERROR "the image layer can include a header of data:\n${output}")
  endif()
endfunction()

function(check_matrix)
  set(later ${LAYERS})
  foreach(layer ${LAYERS})
    list(POP_FRONT later)
    set(text "")
    foreach(other ${later})
      string(REPLACE nolabel_ "" folder ${other})
      file(GLOB headers RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/nolabel/${folder}/*.h)
      foreach(header ${headers})
        string(APPEND text "#if __has_include(\"${header}\")\n#error ${header}\n#endif\n")
      endforeach()
    endforeach()
    compile_in(${layer} "${text}" result output)
    if(NOT result EQUAL 0)
      message(FATAL_ERROR "${layer} can include headers of layers below it:\n${output}")
    endif()
  endforeach()
endfunction()

cmake_language(CALL check_${CHECK})
