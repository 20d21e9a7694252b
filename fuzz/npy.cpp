#include "neurarium/interchange/npy.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  neurarium::Array array;
  if (fuzz::accepts([&] { array = neurarium::parse_npy(fuzz::bytes(data, size), "input"); })) {
    const auto once = neurarium::npy_bytes(array.view());
    fuzz::demand(neurarium::npy_bytes(neurarium::parse_npy(once, "own output").view()) == once,
                 "what is read can be written and read");
  }
  return 0;
}
