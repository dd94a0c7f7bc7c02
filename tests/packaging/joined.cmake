# Read by CMake at the tree's project(), from -DCMAKE_PROJECT_sessionvitals_INCLUDE: a dozen files
# are compiled as one, and what they all read is parsed once. The tree itself has none of this,
# because a file that lacks an #include would then compile.
cmake_minimum_required(VERSION 3.24...4.0)

function(join)
  set_target_properties(sessionvitals _core sessionvitals-mock PROPERTIES
    UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
  # Each has a name for itself alone that another file of its dozen has, too.
  set(alone
    cpp/sessionvitals/engine/call/gate.cpp
    cpp/sessionvitals/engine/call/retry.cpp
    cpp/sessionvitals/engine/drivers/dispatcher.cpp
    cpp/sessionvitals/engine/net/resolver.cpp
    cpp/sessionvitals/engine/net/url.cpp
    cpp/sessionvitals/engine/tls/context.cpp
    cpp/sessionvitals/engine/tls/trust.cpp
    cpp/sessionvitals/providers/eliza_calls/sessions.cpp
    cpp/sessionvitals/providers/maple.cpp
    cpp/sessionvitals/providers/ping.cpp
    cpp/sessionvitals/streams/event_stream.cpp
    cpp/sessionvitals/watch/watch_thread.cpp
    mocks/server/faults/json.cpp
    mocks/server/journal/redact.cpp
    mocks/server/vendors/maple.cpp
    mocks/server/vendors/ping/limits.cpp
    mocks/server/vendors/tiun.cpp
    mocks/server/wire/tls.cpp
    python/bindings/clients/outcome.cpp
    python/bindings/runtime/logging.cpp
    python/bindings/runtime/making.cpp
    python/bindings/runtime/wire.cpp
    python/bindings/values/casters.cpp
    python/bindings/values/value_slots.cpp)
  list(TRANSFORM alone PREPEND ${CMAKE_SOURCE_DIR}/)
  set_source_files_properties(${alone}
    TARGET_DIRECTORY sessionvitals _core sessionvitals-mock PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
cmake_language(DEFER CALL join)  # once the targets are there
