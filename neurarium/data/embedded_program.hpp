// A program that lies within the library as bytes, run as a child that we talk to through pipes.
#pragma once

#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace neurarium {

/// The program that reads and writes HDF5 (hdf5_program.hpp).
std::span<const std::byte> hdf5_program_bytes();

class EmbeddedProgram {
 public:
  /// Starts it; `stall` is how long a single read or write may wait before the program counts as stuck. Error if it
  /// can't be started.
  EmbeddedProgram(std::span<const std::byte> program, const std::vector<std::string>& arguments, int stall_seconds,
                  std::stop_token stop);
  /// Ends it, whatever it does.
  ~EmbeddedProgram();
  EmbeddedProgram(const EmbeddedProgram&) = delete;
  EmbeddedProgram& operator=(const EmbeddedProgram&) = delete;

  /// Fills `bytes` from what the program prints. False if that ends before, or nothing comes for too long. Interrupted
  /// if asked to stop.
  bool read(std::span<std::byte> bytes);
  /// Gives it `bytes`. False if it doesn't take them.
  bool write(std::span<const std::byte> bytes);
  /// Why read() or write() said false: "crashed (segmentation fault)", "…"; to be called after that.
  std::string end();

 private:
  bool wait(int file, short what);
  int child_ = -1, in_ = -1, out_ = -1, messages_ = -1;
  int stall_seconds_;
  bool stalled_ = false;
  std::stop_token stop_;
  std::vector<std::byte> buffer_;
  std::size_t from_ = 0, to_ = 0;
};

}  // namespace neurarium
