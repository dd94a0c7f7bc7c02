# Gives deps::httplib: from a checkout that SESSIONVITALS_HTTPLIB_DIR names, else from what the
# machine has. For the tests in which cpp-httplib is an independent witness, and for the transport
# over it; nothing that is installed needs it.
include_guard()
set(SESSIONVITALS_HTTPLIB_DIR "" CACHE PATH "A checkout of cpp-httplib to use in place of the installed one")
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)

add_library(deps_httplib INTERFACE)
if(SESSIONVITALS_HTTPLIB_DIR)
  target_include_directories(deps_httplib SYSTEM INTERFACE ${SESSIONVITALS_HTTPLIB_DIR})
  target_compile_definitions(deps_httplib INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT)
  target_link_libraries(deps_httplib INTERFACE OpenSSL::SSL OpenSSL::Crypto)
else()
  find_package(httplib CONFIG QUIET)
  if(TARGET httplib::httplib)
    target_link_libraries(deps_httplib INTERFACE httplib::httplib)
  else()
    # Debian's package is a shared library with defines of its own, which only
    # its pkg-config file gives; the header must never be included without them.
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(httplib REQUIRED IMPORTED_TARGET GLOBAL cpp-httplib)
    target_link_libraries(deps_httplib INTERFACE PkgConfig::httplib)
  endif()
endif()
target_link_libraries(deps_httplib INTERFACE Threads::Threads)
add_library(deps::httplib ALIAS deps_httplib)
