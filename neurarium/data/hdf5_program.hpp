// HDF5 is read and written by a program of its own, since libhdf5 can crash or go on for ever on a damaged file, and
// takes all the memory it is told to. The program (hdf5_program.cpp, the only file that knows libhdf5) is compiled
// beside the library and lies within it as bytes, so that whoever has the library has the program: no folder to look
// in, and no libhdf5 among the library's own needs. It runs as a child with limits of memory and time, and these two
// talk through pipes.
//
// Out of the reading program, into the writing one (numbers as the machine has them):
//   'H'  u64 samples, u64 whether there are speakers, i64 label of each, i64 speaker of each, u64 keys, and of each key u64 length and bytes
//   'S'  u64 n, f64 time of each spike, i64 unit of each spike: for each sample, in order
//   'D'  done: nothing follows
// Out of both: 'E', what is wrong, 'M', what mends it (u64 length and bytes each), and nothing follows. 'D' from the
// writing one, too.
#pragma once

#include <cstdint>

namespace neurarium::hdf5_program {

enum Tag : char { head = 'H', sample = 'S', done = 'D', error = 'E', mend = 'M' };

constexpr std::uint64_t most_samples = std::uint64_t{1} << 31;
constexpr std::uint64_t most_spikes = std::uint64_t{1} << 26;  ///< of one sample
constexpr std::uint64_t most_keys = 65536;
constexpr std::uint64_t most_text = 65536;

}  // namespace neurarium::hdf5_program
