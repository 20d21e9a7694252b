# cmake --install: the library, its headers, the program and what `find_package(neurarium)` reads. A project of its own
# links neurarium::neurarium, or neurarium::cli for the whole command line; tests/consumer is one.
include(CMakePackageConfigHelpers)
set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/neurarium")

install(TARGETS neurarium neurarium_cli EXPORT neurarium ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(TARGETS neurarium_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/neurarium" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.hpp")
install(FILES "${PROJECT_SOURCE_DIR}/cli/cli.hpp" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/neurarium")
install(EXPORT neurarium NAMESPACE neurarium:: DESTINATION "${config_dir}" FILE neurarium-targets.cmake)

# What the static library was linked with has to be found again. Header-only libraries are not among it.
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/neurarium-config.cmake" CONTENT [[
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(OpenMP COMPONENTS CXX)
find_dependency(OpenSSL COMPONENTS Crypto)
find_dependency(ZLIB)
find_dependency(PNG)
find_dependency(dnnl)
find_dependency(PkgConfig)
if(NOT TARGET PkgConfig::HWY)
  pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
endif()
include("${CMAKE_CURRENT_LIST_DIR}/neurarium-targets.cmake")

]] @ONLY)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/neurarium-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/neurarium-config.cmake" "${PROJECT_BINARY_DIR}/neurarium-config-version.cmake"
  DESTINATION "${config_dir}")
