# Read by CMake at the tree's project(), from -DCMAKE_PROJECT_sessionvitals_INCLUDE: what most
# files of a target read is parsed once. The tree itself has none of this, because a file that
# lacks an #include would then compile.
cmake_minimum_required(VERSION 3.24...4.0)

function(precompile)
  set(standard <algorithm> <array> <chrono> <functional> <map> <memory> <mutex> <optional> <string>
    <string_view> <vector>)
  target_precompile_headers(sessionvitals PRIVATE
    ${standard} [["sessionvitals/client/client_core.h"]] [["sessionvitals/provider.h"]])
  target_precompile_headers(_core PRIVATE
    ${standard} <pybind11/stl.h> [["bindings.h"]] [["values/value_class.h"]])
  target_precompile_headers(sessionvitals-mock PRIVATE
    ${standard} [["sandbox/space.h"]] [["vendors/vendor.h"]])
endfunction()
cmake_language(DEFER CALL precompile)  # once the targets are there
