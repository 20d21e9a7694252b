// Errors: two roots. `Error` is the user's input or machine, `InternalError` is our bug.
// Every message says what is wrong, where, what was expected, what was found and how to mend it;
// the typed fields say the same to programs. The doors (command line, Python) map the classes to
// exit codes and exception types; nothing below them prints or exits.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace neurarium {

/// The exit codes of the command line, one per kind of failure.
enum class ExitCode { done = 0, failed = 1, usage = 2, data = 3, diverged = 4, resume_mismatch = 5, interrupted = 130 };

/// Root of everything the user can mend.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  virtual ExitCode exit_code() const noexcept { return ExitCode::failed; }
};

/// A place in a configuration: a file with line and column, or a name such as "command line".
struct Location {
  std::string source;
  int line = 0;    ///< 1-based; 0 = unknown
  int column = 0;  ///< 1-based; 0 = unknown
};
std::string to_string(const Location& where);

/// One fault of a configuration. `mend` may name the nearest known key.
struct Fault {
  Location where;
  std::string key;  ///< dotted path, e.g. "train.learning_rate"
  std::string what;
  std::string mend;
};
std::string to_string(const Fault& fault);

/// Configuration or usage: carries *all* faults found, not only the first.
class SpecError : public Error {
 public:
  explicit SpecError(std::vector<Fault> faults);
  explicit SpecError(std::string what, std::string mend = {});
  ExitCode exit_code() const noexcept override { return ExitCode::usage; }
  const std::vector<Fault>& faults() const noexcept { return faults_; }

 private:
  std::vector<Fault> faults_;
};

/// A data file that is missing, truncated, damaged or of an unexpected form.
class DataError : public Error {
 public:
  static constexpr std::int64_t no_offset = -1;
  DataError(std::string file, const std::string& what, const std::string& mend = {}, std::int64_t offset = no_offset);
  ExitCode exit_code() const noexcept override { return ExitCode::data; }
  const std::string& file() const noexcept { return file_; }
  std::int64_t offset() const noexcept { return offset_; }

 private:
  std::string file_;
  std::int64_t offset_;
};

/// Two shapes that should agree and do not. `where` names the layer or argument.
class ShapeError : public Error {
 public:
  ShapeError(std::string where, std::string expected, std::string found, const std::string& mend = {});
  ExitCode exit_code() const noexcept override { return ExitCode::usage; }
  const std::string& where() const noexcept { return where_; }
  const std::string& expected() const noexcept { return expected_; }
  const std::string& found() const noexcept { return found_; }

 private:
  std::string where_, expected_, found_;
};

/// A value that became NaN or infinite: names the layer or array, the step, and the first bad index.
class NumericError : public Error {
 public:
  static constexpr std::uint64_t no_step = ~std::uint64_t{0};  ///< it was no step of learning: an evaluation, say
  NumericError(std::string where, std::uint64_t step, std::size_t first_bad_index, const std::string& mend = {});
  ExitCode exit_code() const noexcept override { return ExitCode::diverged; }
  const std::string& where() const noexcept { return where_; }
  std::uint64_t step() const noexcept { return step_; }
  std::size_t first_bad_index() const noexcept { return index_; }

 private:
  std::string where_;
  std::uint64_t step_;
  std::size_t index_;
};

/// A checkpoint that does not belong to this experiment, machine or build.
class ResumeError : public Error {
 public:
  using Error::Error;
  ExitCode exit_code() const noexcept override { return ExitCode::resume_mismatch; }
};

/// The user asked to stop; what was done so far is in the checkpoint.
class Interrupted : public Error {
 public:
  using Error::Error;
  ExitCode exit_code() const noexcept override { return ExitCode::interrupted; }
};

/// Our bug.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// The member of `known` nearest to `word` by edit distance, or "" when none is near enough to be a slip.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace neurarium
