#include "fuzz/fuzz.hpp"
#include "neurarium/data/image_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::bytes(data, size);
  neurarium::ImageSize looked;
  if (!fuzz::accepts([&] { looked = neurarium::check_image(bytes, "input"); })) return 0;
  fuzz::demand(looked.height > 0 && looked.width > 0, "a picture has pixels");
  if (looked.height > 4'000'000 / looked.width) return 0;  // a few bytes can be a large grey JPEG: slow, but no fault
  neurarium::Array pixels;
  fuzz::demand(fuzz::accepts([&] { pixels = neurarium::decode_image(bytes, "input"); }),
               "what was looked at can be read");
  fuzz::demand(pixels.shape() == neurarium::Shape{looked.height, looked.width, 3}, "and has the size it announced");
  return 0;
}
