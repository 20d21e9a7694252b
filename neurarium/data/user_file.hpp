// The user's own data: an NPZ file, as numpy.savez(FILE, x=…, y=…) writes it.
//   x        [n, …] numbers without NaN or infinity; [n] becomes [n, 1].
//   y        labels 0, 1, 2 … (any whole-number type or bool, [n]), or targets (floating, [n] or [n, k]); it may be left
//            out where a rule needs no answers.
//   x_test, y_test   the same again, optional.
//   divisor  one number above 0: models see x / divisor. Left out, it is 255 for bytes (uint8), which are taken for
//            pictures, and else 1.
// Or spikes, where there is no x: events t, i, offsets and the numbers n_steps, n_units and dt (event_arrays.hpp), with y as above;
// t_test, i_test, offsets_test, y_test the same again.
// Arrays of other names with one number for each sample are kept beside them (Split::about; NAME_test for the test); the rest are left alone.
#pragma once

#include <filesystem>

#include "neurarium/data/dataset.hpp"

namespace neurarium {

/// A DataError says which array is missing, empty, of another length or shape, or where it first is not finite.
Dataset read_user_npz(const std::filesystem::path& path);
/// The same checks for arrays in memory. `source` is what messages call them.
Dataset user_dataset(NamedArrays arrays, const std::string& source);
/// The other way round: the arrays that user_dataset takes for these data.
NamedArrays user_arrays(const Dataset& data);

}  // namespace neurarium
