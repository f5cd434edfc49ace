# Compiler flags, the same for every target (one shared precompiled header depends on that).
add_compile_options(-Wall -Wextra -Wshadow -Wno-unused-parameter -fno-semantic-interposition)
# Programs too: CMake would give them -fPIE, and a precompiled header is only valid for one of both.
add_compile_options(-fPIC)
# Views on CPU and CUDA must agree bit for bit: no contracted multiply-add anywhere.
add_compile_options(-ffp-contract=off)
if(NOLABEL_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
endif()

find_program(NOLABEL_CCACHE ccache)
if(NOLABEL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # ccache needs these two to work with precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros ${NOLABEL_CCACHE})
  add_compile_options(-fpch-preprocess)
endif()

find_program(NOLABEL_MOLD mold)
if(NOLABEL_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
