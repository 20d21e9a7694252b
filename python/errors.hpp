// The engine's errors as Python's: the classes of neurarium.errors, with their typed fields.
#pragma once

namespace neurarium::python {

/// From now on errors that leave a bound function arrive as neurarium.SpecError and friends.
void register_errors();

}  // namespace neurarium::python
