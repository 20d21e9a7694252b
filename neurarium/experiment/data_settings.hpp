// The settings of an experiment that name data, at its top: by name, as FILE.npz, or as images:FOLDER.
//   dataset   what is learned, or looked at
//   other     what that is compared with
// Files are meant from beside the file that names them, must be there before a run begins, and count as what they hold, not as
// where they lie.
#pragma once

#include <array>

namespace neurarium {

constexpr std::array<const char*, 2> data_settings = {"dataset", "other"};

}  // namespace neurarium
