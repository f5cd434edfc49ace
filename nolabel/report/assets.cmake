# Compiles assets/* into nolabel_report, so that a report needs no file but itself.
#
# Included from the top CMakeLists.txt after the layers; run as a script (-DOUTPUT=…) at build time.
if(CMAKE_SCRIPT_MODE_FILE)
  set(text "// Made by nolabel/report/assets.cmake.\n#include \"nolabel/report/assets.h\"\n")
  string(APPEND text "namespace nolabel {\n")
  foreach(asset kPageHtml=page.html kStyleCss=style.css,editor.css
                kScriptJs=dom.js,summary.js,gallery.js,tree.js,viewer.js,charts.js,map.js,confusion.js,edits.js,edit_pending.js,edit_live.js,editor_pictures.js,editor_views.js,editor_grid.js,editor_select.js,editor_list.js,editor_dialogs.js,editor_alike.js,editor_actions.js,editor_review.js,editor.js,main.js)
    string(REPLACE "=" ";" asset ${asset})
    list(GET asset 0 name)
    list(GET asset 1 files)
    string(REPLACE "," ";" files ${files})
    string(APPEND text "const std::string_view ${name} =\n")
    foreach(file ${files})
      file(READ ${CMAKE_CURRENT_LIST_DIR}/assets/${file} content)
      string(APPEND text "R\"asset(${content})asset\"\n")
    endforeach()
    string(APPEND text ";\n")
  endforeach()
  file(WRITE ${OUTPUT} "${text}}  // namespace nolabel\n")
  return()
endif()

file(GLOB nolabel_assets CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/assets/*)
add_custom_command(
  OUTPUT ${CMAKE_BINARY_DIR}/report_assets.cc
  COMMAND ${CMAKE_COMMAND} -DOUTPUT=${CMAKE_BINARY_DIR}/report_assets.cc
          -P ${CMAKE_CURRENT_LIST_DIR}/assets.cmake
  DEPENDS ${nolabel_assets} ${CMAKE_CURRENT_LIST_DIR}/assets.cmake
  COMMENT "Embedding the report's page")
target_sources(nolabel_report PRIVATE ${CMAKE_BINARY_DIR}/report_assets.cc)

# The page and its editor in a browser; they say so and skip where there is none.
if(NOLABEL_TESTS)
  foreach(check IN ITEMS page=check_report.py editor=check_editor.py)
    string(REPLACE "=" ";" check ${check})
    list(GET check 0 name)
    list(GET check 1 program)
    add_test(NAME report.${name}_in_a_browser
             COMMAND ${CMAKE_SOURCE_DIR}/tools/${program} --sample-from $<TARGET_FILE:report_test>)
    set_tests_properties(report.${name}_in_a_browser PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600)
  endforeach()
endif()
