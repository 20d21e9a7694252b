#include "neurarium/interchange/toml.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  neurarium::Value value;
  if (fuzz::accepts([&] { value = neurarium::parse_toml(fuzz::text(data, size), "input"); })) {
    const std::string once = neurarium::to_toml(value);
    fuzz::demand(neurarium::to_toml(neurarium::parse_toml(once, "own output")) == once,
                 "what is read can be written and read");
  }
  return 0;
}
