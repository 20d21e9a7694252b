#include "neurarium/interchange/safetensors.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  neurarium::SafeTensors content;
  if (fuzz::accepts([&] { content = neurarium::parse_safetensors(fuzz::bytes(data, size), "input"); })) {
    const auto once = neurarium::safetensors_bytes(content);
    fuzz::demand(neurarium::safetensors_bytes(neurarium::parse_safetensors(once, "own output")) == once,
                 "what is read can be written and read");
  }
  return 0;
}
