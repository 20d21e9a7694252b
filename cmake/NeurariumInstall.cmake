# cmake --install: the library, its headers, the program and what `find_package(neurarium)` reads. A project of its own
# links neurarium::neurarium, or neurarium::cli for the whole command line; tests/consumer is one.
include(CMakePackageConfigHelpers)
set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/neurarium")

install(TARGETS neurarium neurarium_cli EXPORT neurarium ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(TARGETS neurarium_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/neurarium" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.hpp")
install(FILES "${PROJECT_SOURCE_DIR}/cli/cli.hpp" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/neurarium")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/tests/contracts" DESTINATION "${CMAKE_INSTALL_DATADIR}/neurarium"
  PATTERN "house*.cpp" EXCLUDE)  # what the suite checks, and finds, here; a project of its own has words of its own
install(EXPORT neurarium NAMESPACE neurarium:: DESTINATION "${config_dir}" FILE neurarium-targets.cmake)

file(RELATIVE_PATH from_config_to_data "${CMAKE_INSTALL_FULL_LIBDIR}/cmake/neurarium" "${CMAKE_INSTALL_FULL_DATADIR}")

# What the static library was linked with has to be found again. Header-only libraries are not among it.
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/neurarium-config.cmake" CONTENT [[
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(OpenMP COMPONENTS CXX)
find_dependency(OpenSSL COMPONENTS Crypto)
find_dependency(ZLIB)
find_dependency(PNG)
find_dependency(JPEG)
find_dependency(dnnl)
find_dependency(PkgConfig)
if(NOT TARGET PkgConfig::HWY)
  pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
endif()
include("${CMAKE_CURRENT_LIST_DIR}/neurarium-targets.cmake")

# The contract suite, as sources for a project's own tests (contracts.hpp says what is still to be defined).
if(NOT TARGET neurarium::contracts)
  file(GLOB neurarium_contract_sources "${CMAKE_CURRENT_LIST_DIR}/@from_config_to_data@/neurarium/contracts/*.cpp")
  add_library(neurarium::contracts INTERFACE IMPORTED)
  target_sources(neurarium::contracts INTERFACE ${neurarium_contract_sources})
  target_include_directories(neurarium::contracts INTERFACE
    "${CMAKE_CURRENT_LIST_DIR}/@from_config_to_data@/neurarium/contracts")
  target_link_libraries(neurarium::contracts INTERFACE neurarium::neurarium)
endif()

]] @ONLY)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/neurarium-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/neurarium-config.cmake" "${PROJECT_BINARY_DIR}/neurarium-config-version.cmake"
  DESTINATION "${config_dir}")
