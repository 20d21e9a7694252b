#include "neurarium/data/idx.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  neurarium::Array array;
  if (fuzz::accepts([&] { array = neurarium::parse_idx(fuzz::bytes(data, size), "input"); }))
    fuzz::demand(4 + 4 * array.shape().axes() + array.view().bytes() == size, "every byte is accounted for");
  return 0;
}
