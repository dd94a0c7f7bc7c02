# Gives deps::httplib: from a checkout that SESSIONVITALS_HTTPLIB_DIR names, else from
# what the machine has, else from the pinned release below (which needs the
# internet). For the mock's --record and --diff, and for the tests in which
# cpp-httplib is an independent witness; the core does without it.
include_guard()
include(FetchContent)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)

add_library(deps_httplib INTERFACE)
if(SESSIONVITALS_HTTPLIB_DIR)
  target_include_directories(deps_httplib SYSTEM INTERFACE ${SESSIONVITALS_HTTPLIB_DIR})
  target_compile_definitions(deps_httplib INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT)
  target_link_libraries(deps_httplib INTERFACE OpenSSL::SSL OpenSSL::Crypto)
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
  else()
    FetchContent_Declare(httplib  # v0.53.1
      GIT_REPOSITORY https://github.com/yhirose/cpp-httplib.git
      GIT_TAG b8fe69e4e892ec394ca8de27ab2fe219008690b6)
    FetchContent_MakeAvailable(httplib)
    target_link_libraries(deps_httplib INTERFACE httplib::httplib)
  endif()
endif()
target_link_libraries(deps_httplib INTERFACE Threads::Threads)
add_library(deps::httplib ALIAS deps_httplib)
