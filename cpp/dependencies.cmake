# Gives deps::json and deps::openssl: from what the machine has, else from the
# pinned release below (which needs the internet).
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
