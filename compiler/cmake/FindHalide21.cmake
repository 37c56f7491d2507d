# Halide from its PyPI wheel, which is the official C++ distribution too. `compiler/setup`
# unpacks it into build/deps/halide. Its own CMake package wants a newer CMake, so the
# imported target is made here.
set(Halide21_ROOT ${PROJECT_BINARY_DIR}/deps/halide CACHE PATH "unpacked Halide wheel: the folder with include/ and lib64/")
find_path(Halide21_INCLUDE_DIR Halide.h HINTS ${Halide21_ROOT}/include NO_DEFAULT_PATH)
find_library(Halide21_LIBRARY Halide HINTS ${Halide21_ROOT}/lib64 NO_DEFAULT_PATH)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Halide21 REQUIRED_VARS Halide21_LIBRARY Halide21_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "run compiler/setup, or set Halide21_ROOT")
if(Halide21_FOUND AND NOT TARGET Halide21)
  add_library(Halide21 SHARED IMPORTED GLOBAL)
  set_target_properties(Halide21 PROPERTIES
    IMPORTED_LOCATION ${Halide21_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${Halide21_INCLUDE_DIR}
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${Halide21_INCLUDE_DIR})
endif()
