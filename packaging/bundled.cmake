# What a wheel that brings its OpenSSL says of the third parties in it: their licences, and a
# CycloneDX list of them (PEP 770), in its .dist-info. The static libraries are seen by no tool.
# Installs FILE as the licence of NAME.
function(add_licence name file)
  if(NOT EXISTS "${file}")
    message(FATAL_ERROR "The licence of ${name} is missing: ${file}")
  endif()
  install(FILES "${file}" DESTINATION ${SKBUILD_METADATA_DIR}/licenses/third_party/${name}
    RENAME LICENSE COMPONENT python)
endfunction()

# RESULT: what the first group of PATTERN is in FILE.
function(read_version file pattern result)
  file(STRINGS ${file} lines REGEX "${pattern}" LIMIT_COUNT 1)
  if(NOT lines MATCHES "${pattern}")
    message(FATAL_ERROR "${file} says no version")
  endif()
  set(${result} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

set(third_party ${PROJECT_SOURCE_DIR}/third_party)
find_file(openssl_licence NAMES LICENSE.txt copyright NO_DEFAULT_PATH
  PATHS "$ENV{OPENSSL_ROOT_DIR}" "${OPENSSL_ROOT_DIR}" /usr/share/doc/libssl-dev REQUIRED)
file(GLOB pybind11_licence ${pybind11_DIR}/../../../../pybind11-*.dist-info/licenses/LICENSE)
string(REGEX REPLACE ".*/pybind11-([0-9.]+)[.]dist-info/.*" "\\1" PYBIND11_VERSION
  "${pybind11_licence}")
add_licence(openssl "${openssl_licence}")
add_licence(pybind11 "${pybind11_licence}")
add_licence(nlohmann-json ${third_party}/nlohmann-json/LICENSE.MIT)

find_package(nlohmann_json 3.11 QUIET)  # as mocks/json.cmake has it: the machine's first
if(nlohmann_json_FOUND)
  set(JSON_VERSION ${nlohmann_json_VERSION})
else()
  read_version(${third_party}/nlohmann-json/nlohmann/json.hpp "version ([0-9]+\\.[0-9]+\\.[0-9]+)"
    JSON_VERSION)
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/sessionvitals.cdx.json.in sessionvitals.cdx.json @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/sessionvitals.cdx.json
  DESTINATION ${SKBUILD_METADATA_DIR}/sboms COMPONENT python)
