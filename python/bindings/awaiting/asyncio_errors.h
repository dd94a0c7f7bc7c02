#pragma once

#include "bindings.h"

/// The classes of asyncio's errors, which it is imported for when one is first wanted.
namespace sessionvitals::python {

/// Returns asyncio.CancelledError, borrowed. Throws what importing it raises.
PyObject* cancelled_error();

/// Raises asyncio.InvalidStateError; returns nullptr.
PyObject* raise_invalid_state(const char* message);

}  // namespace sessionvitals::python
