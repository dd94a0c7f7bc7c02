# Gives deps::httplib, deps::json and deps::openssl: from a checkout that
# SESSIONVITALS_HTTPLIB_DIR names, else from what the machine has, else from the
# pinned releases below (which needs the internet).
include(FetchContent)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)

add_library(deps_openssl INTERFACE)
target_link_libraries(deps_openssl INTERFACE OpenSSL::SSL OpenSSL::Crypto)
add_library(deps::openssl ALIAS deps_openssl)

find_package(nlohmann_json 3.11 QUIET)
if(NOT nlohmann_json_FOUND)
  FetchContent_Declare(nlohmann_json
    URL https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz
    URL_HASH SHA256=d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d)
  FetchContent_MakeAvailable(nlohmann_json)
endif()
add_library(deps_json INTERFACE)
target_link_libraries(deps_json INTERFACE nlohmann_json::nlohmann_json)
add_library(deps::json ALIAS deps_json)

# Bodies are bounded and decompression is off (DESIGN, rule 5), so the header
# needs neither zlib nor brotli; and the sockets and their TLS are ours.
add_library(deps_httplib INTERFACE)
if(SESSIONVITALS_HTTPLIB_DIR)
  target_include_directories(deps_httplib SYSTEM INTERFACE ${SESSIONVITALS_HTTPLIB_DIR})
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
    set(SESSIONVITALS_HTTPLIB_FROM pkg-config)
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
