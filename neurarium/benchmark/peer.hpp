// The other side of a benchmark: a child process that answers one line of JSON with one line of JSON.
//
//   {"do": "describe", "quick": …, "parameters": {…}}  → title, text, peer, parameters, software, cases
//                                                        (declaration.hpp)
//   {"do": "prepare", "case": …, "folder": …}          → {}: what both sides work on lies in the folder
//   {"do": "start", "case": …, "folder": …}            → {"note": …}: the peer stands at the start
//   {"do": "turn", "samples": n}                       → {"seconds": s} for the next n samples; the first also {"memory": bytes}
//                                                        that it took beyond what lay there before, if it knows
//   {"do": "state", "folder": …}                       → {"names": […]}: the peer's state is in peer.NAME.npy
//   {"do": "end"}                                      → {}
// An answer may instead be {"missing": module}, {"refused": why} or {"error": what}.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "neurarium/core/value.hpp"

namespace neurarium {

struct PeerOptions {
  std::string name;                  ///< the benchmark, for messages
  std::vector<std::string> command;  ///< the program's path first
  /// Set on top of our own; an empty value takes a variable away.
  std::vector<std::pair<std::string, std::string>> environment;
  std::filesystem::path log;  ///< what it prints on standard error
  double time_limit = 600;    ///< seconds per answer
  std::stop_token stop;
};

class Peer {
 public:
  /// Starts the process in a process group of its own; a DataError if the program is not there.
  explicit Peer(PeerOptions options);
  /// Ends the process and what it has started.
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// Sends `request` and waits for the answer. An Error if the peer ends, answers with something else than a JSON
  /// object, takes longer than the limit or fails; a DataError if a module is missing; a SpecError if it refuses;
  /// Interrupted.
  Value ask(const Value& request);

 private:
  std::string read_line(const std::string& action);
  [[noreturn]] void ended(const std::string& action);
  std::string last_words() const;
  void end();
  PeerOptions options_;
  pid_t child_ = -1;
  int socket_ = -1;
  std::string received_;
};

}  // namespace neurarium
