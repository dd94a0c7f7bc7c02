# What the machine lacks is collected, and said in one sentence before anything is compiled.
include_guard()

# Records that the machine lacks something that the build cannot do without.
function(sessionvitals_lacks what)
  set_property(GLOBAL APPEND PROPERTY SESSIONVITALS_LACKS ${what})
endfunction()

# Ends the configuration if anything was recorded.
function(sessionvitals_say_what_is_missing)
  get_property(lacks GLOBAL PROPERTY SESSIONVITALS_LACKS)
  if(NOT lacks)
    return()
  endif()
  list(JOIN lacks ", " lacks)
  # One line, so that CMake does not wrap the command, and a copy of it works.
  set(command "apt-get install g++ libssl-dev nlohmann-json3-dev python3-dev")
  message(FATAL_ERROR " sessionvitals cannot be built, because this machine lacks: ${lacks}.\n"
    " On Debian and Ubuntu this installs all that the build needs:\n\n   ${command}\n")
endfunction()
