# Compiles imagenet_subsets/*.txt, the published lists of classes, into nolabel_data.
#
# Included from the top CMakeLists.txt after the layers; run as a script (-DOUTPUT=…) at build time.
if(CMAKE_SCRIPT_MODE_FILE)
  set(text "// Made by nolabel/data/imagenet_subsets.cmake.\n")
  string(APPEND text "#include \"nolabel/data/imagenet_subset.h\"\nnamespace nolabel {\n")
  foreach(classes 50 100 200)
    file(READ ${CMAKE_CURRENT_LIST_DIR}/imagenet_subsets/imagenet_${classes}.txt content)
    string(APPEND text
           "const std::string_view kImagenet${classes} = R\"list(${content})list\";\n")
  endforeach()
  file(WRITE ${OUTPUT} "${text}}  // namespace nolabel\n")
  return()
endif()

file(GLOB nolabel_subsets CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/imagenet_subsets/*.txt)
add_custom_command(
  OUTPUT ${CMAKE_BINARY_DIR}/imagenet_subsets.cc
  COMMAND ${CMAKE_COMMAND} -DOUTPUT=${CMAKE_BINARY_DIR}/imagenet_subsets.cc
          -P ${CMAKE_CURRENT_LIST_DIR}/imagenet_subsets.cmake
  DEPENDS ${nolabel_subsets} ${CMAKE_CURRENT_LIST_DIR}/imagenet_subsets.cmake
  COMMENT "Embedding the lists of ImageNet's subsets")
target_sources(nolabel_data PRIVATE ${CMAKE_BINARY_DIR}/imagenet_subsets.cc)
