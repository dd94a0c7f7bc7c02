# Gives deps::json: from what the machine has, else from third_party/, which only the
# source distribution brings, else, with SESSIONVITALS_FETCH, from the pinned release.
# For the mock and some tests; the core has a reader and a writer of its own.
include_guard()
include(${CMAKE_CURRENT_LIST_DIR}/../cpp/missing.cmake)
add_library(deps_json INTERFACE)
set(vendored_json ${CMAKE_CURRENT_LIST_DIR}/../third_party/nlohmann-json)
find_package(nlohmann_json 3.11 QUIET)
if(nlohmann_json_FOUND)
  target_link_libraries(deps_json INTERFACE nlohmann_json::nlohmann_json)
elseif(EXISTS ${vendored_json})
  target_include_directories(deps_json SYSTEM INTERFACE ${vendored_json})
elseif(SESSIONVITALS_FETCH)
  include(FetchContent)
  FetchContent_Declare(nlohmann_json
    URL https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz
    URL_HASH SHA256=d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d)
  FetchContent_MakeAvailable(nlohmann_json)
  target_link_libraries(deps_json INTERFACE nlohmann_json::nlohmann_json)
else()
  sessionvitals_lacks("nlohmann/json (-DSESSIONVITALS_FETCH=ON downloads it)")
endif()
add_library(deps::json ALIAS deps_json)
