# Gives deps::httplib: from a checkout that SESSIONVITALS_HTTPLIB_DIR names, else from
# what the machine has, else from third_party/, which only the source distribution
# brings, else, with SESSIONVITALS_FETCH, from the pinned release. A program that
# bundles its OpenSSL takes the header of third_party/ first: the machine's library
# is linked with another OpenSSL, and perhaps with zlib and brotli. For the mock's
# --record and --diff, and for the tests in which cpp-httplib is an independent
# witness; the core does without it.
include_guard()
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)

add_library(deps_httplib INTERFACE)
set(vendored_httplib ${CMAKE_CURRENT_LIST_DIR}/../third_party/cpp-httplib)
if(SESSIONVITALS_HTTPLIB_DIR)
  set(httplib_folder ${SESSIONVITALS_HTTPLIB_DIR})
elseif(SESSIONVITALS_BUNDLED_OPENSSL AND EXISTS ${vendored_httplib})
  set(httplib_folder ${vendored_httplib})
else()
  find_package(httplib CONFIG QUIET)
  find_package(PkgConfig QUIET)
  if(NOT httplib_FOUND AND PkgConfig_FOUND)
    # Debian's package is a shared library with defines of its own, which only
    # its pkg-config file gives; the header must never be included without them.
    pkg_check_modules(httplib QUIET IMPORTED_TARGET GLOBAL cpp-httplib)
  endif()
  if(TARGET httplib::httplib)
    target_link_libraries(deps_httplib INTERFACE httplib::httplib)
  elseif(TARGET PkgConfig::httplib)
    target_link_libraries(deps_httplib INTERFACE PkgConfig::httplib)
  elseif(EXISTS ${vendored_httplib})
    set(httplib_folder ${vendored_httplib})
  elseif(SESSIONVITALS_FETCH)
    include(FetchContent)
    FetchContent_Declare(httplib  # v0.53.1
      GIT_REPOSITORY https://github.com/yhirose/cpp-httplib.git
      GIT_TAG b8fe69e4e892ec394ca8de27ab2fe219008690b6)
    FetchContent_MakeAvailable(httplib)
    target_link_libraries(deps_httplib INTERFACE httplib::httplib)
  else()
    message(FATAL_ERROR "cpp-httplib was not found. Install it (on Debian: libcpp-httplib-dev), "
      "build from a source distribution, which brings it, or set -DSESSIONVITALS_FETCH=ON to "
      "download it.")
  endif()
endif()
if(httplib_folder)
  target_include_directories(deps_httplib SYSTEM INTERFACE ${httplib_folder})
  target_compile_definitions(deps_httplib INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT)
  target_link_libraries(deps_httplib INTERFACE OpenSSL::SSL OpenSSL::Crypto)
endif()
target_link_libraries(deps_httplib INTERFACE Threads::Threads)
add_library(deps::httplib ALIAS deps_httplib)
