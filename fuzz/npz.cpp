#include "neurarium/interchange/npz.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  neurarium::NamedArrays content;
  if (fuzz::accepts([&] { content = neurarium::parse_npz(fuzz::bytes(data, size), "input"); })) {
    const auto once = neurarium::npz_bytes(content);
    fuzz::demand(neurarium::npz_bytes(neurarium::parse_npz(once, "own output")) == once,
                 "what is read can be written and read");
  }
  return 0;
}
