# Builds the dashboard into the mock: reads the page, and hashes its one script and one style sheet
# for the Content-Security-Policy, which lets nothing else run.
set(page_file ${CMAKE_CURRENT_SOURCE_DIR}/page/dashboard.html)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page_file})
file(READ ${page_file} DASHBOARD_PAGE)

# RESULT: the base64 of the SHA-256 of what stands between <TAG> and </TAG>.
function(hash_element tag result)
  string(FIND "${DASHBOARD_PAGE}" "<${tag}>" from)
  string(FIND "${DASHBOARD_PAGE}" "</${tag}>" to)
  string(LENGTH "<${tag}>" length)
  math(EXPR from "${from} + ${length}")
  math(EXPR length "${to} - ${from}")
  string(SUBSTRING "${DASHBOARD_PAGE}" ${from} ${length} text)
  string(SHA256 hex "${text}")
  set(alphabet ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
  # 32 bytes and one of padding: 11 groups of three bytes, four characters each.
  string(APPEND hex 00)
  set(base64 "")
  foreach(group RANGE 10)
    math(EXPR at "${group} * 6")
    string(SUBSTRING "${hex}" ${at} 6 digits)
    foreach(shift 18 12 6 0)
      math(EXPR index "(0x${digits} >> ${shift}) & 63")
      string(SUBSTRING "${alphabet}" ${index} 1 character)
      string(APPEND base64 ${character})
    endforeach()
  endforeach()
  string(SUBSTRING "${base64}" 0 43 base64)
  set(${result} "${base64}=" PARENT_SCOPE)
endfunction()

hash_element(script DASHBOARD_SCRIPT_HASH)
hash_element(style DASHBOARD_STYLE_HASH)
configure_file(page/embedded.cpp.in embedded_page.cpp @ONLY)

# The imitation of tiun's browser script.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/page/sdk.js)
file(READ page/sdk.js TIUN_SCRIPT)
configure_file(page/embedded_script.cpp.in embedded_script.cpp @ONLY)
