# Sources made from the folders, so that a new model or study is one folder and no edit elsewhere:
#   builtin_registry.cpp   calls register_<name>(Registry&) for every folder of models/ and studies/, and for the
#                          parts of nn/ (losses, optimisers, initialisers)
#   presets.cpp            the text of every studies/*/<study>.<preset>.toml
#   page_assets.cpp        the style sheet and script of the report page
#   benchmarks.cpp         the text of every bench/<name>.py and of their helper
function(neurarium_raw_string out file)
  file(READ "${file}" text)
  set(${out} "R\"embedded(${text})embedded\"" PARENT_SCOPE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
endfunction()

function(neurarium_generate_sources out)
  set(root "${PROJECT_SOURCE_DIR}/neurarium")
  set(generated "${PROJECT_BINARY_DIR}/generated")

  set(declarations "")
  set(calls "")
  set(functions register_attacks register_losses register_optimisers register_schedules register_initialisers
      register_surrogates)
  file(GLOB folders CONFIGURE_DEPENDS LIST_DIRECTORIES true "${root}/models/*" "${root}/studies/*")
  foreach(folder ${folders})
    if(IS_DIRECTORY "${folder}")
      get_filename_component(name "${folder}" NAME)
      get_filename_component(floor "${folder}" DIRECTORY)
      get_filename_component(floor "${floor}" NAME)
      if(floor STREQUAL "studies")
        list(APPEND functions "register_${name}_studies")
      else()
        list(APPEND functions "register_${name}")
      endif()
    endif()
  endforeach()
  foreach(function ${functions})
    string(APPEND declarations "void ${function}(Registry&);\n")
    string(APPEND calls "  ${function}(registry);\n")
  endforeach()
  file(CONFIGURE OUTPUT "${generated}/builtin_registry.cpp" CONTENT [[
// Generated from the folders of models/ and studies/.
#include "neurarium/neurarium.hpp"
namespace neurarium {
@declarations@
Registry builtin_registry() {
  Registry registry;
@calls@  return registry;
}
}  // namespace neurarium
]] @ONLY)

  set(entries "")
  file(GLOB presets CONFIGURE_DEPENDS "${root}/studies/*/*.toml")
  foreach(preset ${presets})
    get_filename_component(file "${preset}" NAME)
    if(NOT file MATCHES "^([a-z0-9-]+)\\.([a-z0-9-]+)\\.toml$")
      message(FATAL_ERROR "${preset}: presets are named <study>.<preset>.toml")
    endif()
    set(study "${CMAKE_MATCH_1}")
    set(name "${CMAKE_MATCH_2}")
    neurarium_raw_string(text "${preset}")
    string(APPEND entries "    {\"${study}\", \"${name}\", ${text}},\n")
  endforeach()
  file(CONFIGURE OUTPUT "${generated}/presets.cpp" CONTENT [[
// Generated from studies/*/*.toml.
#include "neurarium/experiment/presets.hpp"
namespace neurarium {
const std::vector<Preset>& builtin_presets() {
  static const std::vector<Preset> presets = {
@entries@  };
  return presets;
}
}  // namespace neurarium
]] @ONLY)

  set(entries "")
  file(GLOB scripts CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/*.py")
  foreach(script ${scripts})
    get_filename_component(name "${script}" NAME_WE)
    neurarium_raw_string(text "${script}")
    if(name STREQUAL "neurarium_bench")
      set(helper "${text}")
    else()
      string(APPEND entries "      {\"${name}\", ${text}},\n")
    endif()
  endforeach()
  file(CONFIGURE OUTPUT "${generated}/benchmarks.cpp" CONTENT [[
// Generated from bench/*.py.
#include "neurarium/benchmark/scripts.hpp"
namespace neurarium {
const std::vector<BenchmarkScript>& builtin_benchmarks() {
  static const std::vector<BenchmarkScript> scripts = {
@entries@  };
  return scripts;
}
std::string_view benchmark_helper() { return @helper@; }
}  // namespace neurarium
]] @ONLY)

  neurarium_raw_string(style "${root}/report/page.css")
  neurarium_raw_string(script "${root}/report/page.js")
  file(CONFIGURE OUTPUT "${generated}/page_assets.cpp" CONTENT [[
// Generated from report/page.css and report/page.js.
#include "neurarium/report/page_assets.hpp"
namespace neurarium {
const std::string_view page_style = @style@;
const std::string_view page_script = @script@;
}  // namespace neurarium
]] @ONLY)
  set(${out} "${generated}/builtin_registry.cpp" "${generated}/presets.cpp" "${generated}/page_assets.cpp"
    "${generated}/benchmarks.cpp" PARENT_SCOPE)
endfunction()
