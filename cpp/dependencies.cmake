# Gives deps::openssl, the one library that the core needs.
find_package(Threads REQUIRED)
if(SESSIONVITALS_BUNDLED_OPENSSL)
  set(OPENSSL_USE_STATIC_LIBS ON)
endif()
find_package(OpenSSL 3.0 QUIET)
include(${CMAKE_CURRENT_LIST_DIR}/missing.cmake)
if(NOT OpenSSL_FOUND)
  sessionvitals_lacks("OpenSSL 3 and its headers")
endif()

add_library(deps_openssl INTERFACE)
target_link_libraries(deps_openssl INTERFACE OpenSSL::SSL OpenSSL::Crypto)
if(SESSIONVITALS_BUNDLED_OPENSSL)
  # Another OpenSSL in the same process must not meet this one.
  target_link_options(deps_openssl INTERFACE LINKER:--exclude-libs,ALL)
endif()
add_library(deps::openssl ALIAS deps_openssl)
